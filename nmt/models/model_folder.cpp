#include "nmt/models/model_folder.hpp"

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

} // namespace

TokenizerPair::TokenizerPair(const fs::path& folder) : first_(first_tokenizer(folder)) {
    if (files(folder).size() == 2) second_ = std::make_unique<Tokenizer>(target_file(folder));
}

std::vector<fs::path> TokenizerPair::files(const fs::path& folder) {
    if (fs::exists(joint_file(folder))) return {joint_file(folder)};
    return {source_file(folder), target_file(folder)};
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
    loaded.model = make_model(context, loaded.options, loaded.tokenizers->vocabulary(), 0);
    loaded.metadata = load_weights(*loaded.model, folder / "model.safetensors");
    return loaded;
}

void save_weights(Model& model, const fs::path& file, const std::map<std::string, std::string>& metadata) {
    std::vector<SafetensorsEntry> entries;
    for (const Parameter& parameter : model.parameters().all()) entries.push_back(tensor_entry(parameter.name(), parameter.value()));
    write_safetensors(file, entries, metadata);
}

std::map<std::string, std::string> load_weights(Model& model, const fs::path& path) {
    const SafetensorsFile file(path);
    for (Parameter& parameter : model.parameters().all()) {
        read_tensor(file, path, parameter.name(), parameter.value());
        parameter.changed();
    }
    for (const SafetensorsEntry& entry : file.entries())
        check(model.parameters().find(entry.name) != nullptr, "'{}' holds a tensor '{}', which the model of config.ini has no place for",
              path.string(), entry.name);
    return file.metadata();
}

SafetensorsEntry tensor_entry(const std::string& name, const Tensor& tensor) {
    return {name, "F32", dimensions(tensor.shape()), tensor.data()};
}

void read_tensor(const SafetensorsFile& file, const fs::path& path, const std::string& name, Tensor& tensor) {
    const SafetensorsEntry* entry = file.find(name);
    check(entry != nullptr, "'{}' has no tensor '{}', which the model's config.ini asks for", path.string(), name);
    check(entry->dtype == "F32" && entry->shape == dimensions(tensor.shape()),
          "'{}': tensor '{}' is {} [{}], but the model's config.ini and tokenizer ask for F32 {}", path.string(), name, entry->dtype,
          fmt::join(entry->shape, ", "), tensor.shape().to_string());
    std::memcpy(tensor.data(), entry->data, static_cast<std::size_t>(tensor.size()) * sizeof(float));
}

} // namespace nmt
