#include "nmt/models/model_folder.hpp"

#include "nmt/base/files.hpp"

#include <cstring>

namespace nmt {
namespace fs = std::filesystem;
namespace {

fs::path first_tokenizer(const fs::path& folder) {
    const std::vector<fs::path> files = TokenizerPair::files(folder);
    check(fs::exists(files.front()) && fs::exists(files.back()),
          "'{}' holds no tokenizer: expected tokenizer.model, or source.model and target.model", folder.string());
    return files.front();
}

std::vector<std::int64_t> dimensions(const Shape& shape) {
    std::vector<std::int64_t> result;
    for (int i = 0; i < shape.rank(); ++i) result.push_back(shape[i]);
    return result;
}

const std::string kScale = ".scale"; // follows the name of a quantized weight

const char* dtype_of(DataType type) { return type == DataType::f32 ? "F32" : type == DataType::bf16 ? "BF16" : "I8"; }

// The file's entry for a tensor of that name, shape and type.
const SafetensorsEntry& find_tensor(const SafetensorsFile& file, const fs::path& path, const std::string& name, const Shape& shape,
                                    DataType type) {
    const SafetensorsEntry* entry = file.find(name);
    check(entry != nullptr, "'{}' has no tensor '{}', which the model's config.ini asks for", path.string(), name);
    check(entry->dtype == dtype_of(type) && entry->shape == dimensions(shape),
          "'{}': tensor '{}' is {} [{}], but the model's config.ini and tokenizer ask for {} {}", path.string(), name, entry->dtype,
          fmt::join(entry->shape, ", "), dtype_of(type), shape.to_string());
    return *entry;
}

} // namespace

TokenizerPair::TokenizerPair(const fs::path& folder) : first_(first_tokenizer(folder)) {
    if (files(folder).size() == 2) second_ = std::make_unique<Tokenizer>(target_file(folder));
}

std::vector<fs::path> TokenizerPair::files(const fs::path& folder) {
    if (fs::exists(joint_file(folder))) return {joint_file(folder)};
    return {source_file(folder), target_file(folder)};
}

void check_same_tokenizers(const fs::path& first, const fs::path& second, std::string_view advice) {
    const std::vector<fs::path> ours = TokenizerPair::files(first), others = TokenizerPair::files(second);
    const auto check_side = [&](const fs::path& a, const fs::path& b, const char* side) {
        check(read_file(a) == read_file(b), "'{}' and '{}' are different {} tokenizers; {}", a.string(), b.string(), side, advice);
    };
    check_side(ours.front(), others.front(), "source");
    check_side(ours.back(), others.back(), "target");
}

LoadedModel load_model(Context& context, const fs::path& folder) {
    check(fs::is_directory(folder), "there is no model folder '{}'", folder.string());
    for (const char* name : {"config.ini", "model.safetensors"})
        check(fs::exists(folder / name), "'{}' is no trained model: it has no {}; train it with 'nmt train --model {}'", folder.string(),
              name, folder.string());
    LoadedModel loaded;
    Configuration configuration = Configuration::load(folder / "config.ini");
    loaded.options = read_model_options(configuration);
    loaded.tokenizers = std::make_unique<TokenizerPair>(folder);
    loaded.model = make_model(context, loaded.options, loaded.tokenizers->vocabulary(), std::nullopt);
    loaded.metadata = load_weights(*loaded.model, folder / "model.safetensors");
    return loaded;
}

std::unique_ptr<Model> share_model(const LoadedModel& loaded, Context& context) {
    std::unique_ptr<Model> model = make_model(context, loaded.options, loaded.model->vocabulary(), std::nullopt);
    model->parameters().share(loaded.model->parameters());
    return model;
}

void save_weights(Model& model, const fs::path& file, const std::map<std::string, std::string>& metadata) {
    std::vector<SafetensorsEntry> entries;
    for (const Parameter& parameter : model.parameters().all()) {
        entries.push_back(tensor_entry(parameter.name(), parameter.value()));
        if (parameter.is_quantized()) entries.push_back(tensor_entry(parameter.name() + kScale, parameter.quantized().scales));
    }
    write_safetensors(file, entries, metadata);
}

void save_model(const LoadedModel& loaded, const fs::path& original, const fs::path& output,
                const std::map<std::string, std::string>& metadata) {
    check_no_model(output);
    make_folder(output);
    check_writable(output);
    for (const fs::path& file : TokenizerPair::files(original)) write_file(output / file.filename(), read_file(file));
    write_file(output / "config.ini", read_file(original / "config.ini"));
    save_weights(*loaded.model, output / "model.safetensors", metadata);
}

void check_no_model(const fs::path& folder) {
    for (const char* name : {"model.safetensors", "config.ini", "tokenizer.model", "source.model", "target.model", "training"})
        check(!fs::exists(folder / name), "'{}' holds a {} already; use another folder", folder.string(), name);
}

std::map<std::string, std::string> load_weights(Model& model, const fs::path& path) {
    const SafetensorsFile file(path);
    for (Parameter& parameter : model.parameters().all()) {
        const auto mapped = [&](const std::string& name, const Shape& shape, DataType type) {
            return Tensor(model.context(), shape, file.storage(find_tensor(file, path, name, shape, type)), type);
        };
        const Shape shape = parameter.value().shape();
        if (file.find(parameter.name() + kScale) != nullptr) {
            parameter.set_quantized(
                {mapped(parameter.name(), shape, DataType::s8), mapped(parameter.name() + kScale, {shape.rows()}, DataType::f32)});
        } else {
            parameter.value() = mapped(parameter.name(), shape, DataType::f32);
            parameter.changed();
        }
    }
    for (const SafetensorsEntry& entry : file.entries()) {
        const std::string name = entry.name.ends_with(kScale) ? entry.name.substr(0, entry.name.size() - kScale.size()) : entry.name;
        check(model.parameters().find(name) != nullptr, "'{}' holds a tensor '{}', which the model of config.ini has no place for",
              path.string(), entry.name);
    }
    return file.metadata();
}

SafetensorsEntry tensor_entry(const std::string& name, const Tensor& tensor) {
    return {name, dtype_of(tensor.type()), dimensions(tensor.shape()), tensor.bytes()};
}

void read_tensor(const SafetensorsFile& file, const fs::path& path, const std::string& name, Tensor& tensor) {
    const SafetensorsEntry& entry = find_tensor(file, path, name, tensor.shape(), DataType::f32);
    std::memcpy(tensor.data(), entry.data, static_cast<std::size_t>(tensor.size()) * sizeof(float));
}

} // namespace nmt
