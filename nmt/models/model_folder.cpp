#include "nmt/models/model_folder.hpp"

#include "nmt/base/checksum.hpp"
#include "nmt/base/folder_lock.hpp"
#include "nmt/base/input_file.hpp"
#include "nmt/base/mapped_file.hpp"
#include "nmt/base/output_file.hpp"
#include "nmt/base/paths.hpp"
#include "nmt/models/quantize.hpp"
#include "nmt/tensor/elementwise.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <span>
#include <thread>

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

// Looks through the floats of a file for infinities and NaN, on a thread of its own until it is asked or given up.
class FiniteCheck {
  public:
    // The file must outlive it.
    FiniteCheck(const SafetensorsFile& file, const fs::path& path)
        : path_(path), thread_([this, &file](const std::stop_token& stop) { look_through(file, stop); }) {}

    // Throws Error naming the first tensor that holds one.
    void finish() {
        thread_.join();
        check(bad_tensor_.empty(), "'{}': tensor '{}' holds values that are no finite numbers; the file is damaged, or its training failed",
              path_.string(), bad_tensor_);
    }

  private:
    void look_through(const SafetensorsFile& file, const std::stop_token& stop) {
        constexpr std::size_t kBytesAtOnce = 1 << 22; // a multiple of a float's
        for (const SafetensorsEntry& entry : file.entries()) {
            if (entry.dtype != "F32") continue;
            std::span rest(static_cast<const std::byte*>(entry.data), static_cast<std::size_t>(size_in_bytes(entry)));
            for (; !rest.empty() && !stop.stop_requested(); rest = rest.subspan(std::min(kBytesAtOnce, rest.size()))) {
                if (all_finite(rest.first(std::min(kBytesAtOnce, rest.size())))) continue;
                bad_tensor_ = entry.name;
                return;
            }
        }
    }

    const fs::path& path_;
    std::string bad_tensor_;
    std::jthread thread_; // the last, as it uses the others
};

// As load_weights, of a file that was read from `path`, but for FiniteCheck.
void take_weights(Model& model, const SafetensorsFile& file, const fs::path& path) {
    for (Parameter& parameter : model.parameters().all()) {
        const auto mapped = [&](const std::string& name, const Shape& shape, DataType type) {
            return Tensor(model.context(), shape, file.storage(find_tensor(file, path, name, shape, type)), type);
        };
        const Shape shape = parameter.value().shape();
        if (file.find(parameter.name() + kScale) != nullptr) {
            check(can_be_quantized(parameter), "'{}' holds a tensor '{}', but the model cannot read '{}' as 8-bit integers", path.string(),
                  parameter.name() + kScale, parameter.name());
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
    if (const auto check_parameters = find_architecture(model.architecture()).check_parameters) check_parameters(model);
}

constexpr std::array kTokenizerKeys{"source_tokenizer_sha256", "target_tokenizer_sha256"};

constexpr const char* kSentencesKey = "source_sentences_99_percent";

// The keys of metadata that last through copies: what is so whatever the weights become.
constexpr std::array kLastingKeys{kTokenizerKeys[0], kTokenizerKeys[1], kSentencesKey};

// Throws Error where the weights were trained with other tokenizers than those that were read from `folder`.
void check_tokenizers(const TokenizerPair& tokenizers, const fs::path& folder, const Metadata& of_weights) {
    const Metadata& found = tokenizers.record();
    const std::vector<fs::path> files = TokenizerPair::files(folder);
    const std::array paths{files.front(), files.back()};
    for (std::size_t side = 0; side < paths.size(); ++side) {
        const auto expected = of_weights.find(kTokenizerKeys[side]);
        if (expected == of_weights.end()) continue;
        check(found.at(kTokenizerKeys[side]) == expected->second,
              "'{}' is not the tokenizer that the weights of '{}' were trained with: its SHA-256 is {}, expected {}; put that one in its "
              "place",
              paths[side].string(), folder.string(), found.at(kTokenizerKeys[side]), expected->second);
    }
}

} // namespace

TokenizerPair::TokenizerPair(const fs::path& folder) : first_(first_tokenizer(folder)) {
    const std::vector<fs::path> paths = files(folder);
    if (paths.size() == 2) second_ = std::make_unique<Tokenizer>(target_file(folder));
    const std::string checksum = sha256_of_file(paths.front());
    record_ = {{kTokenizerKeys[0], checksum}, {kTokenizerKeys[1], second_ ? sha256_of_file(paths.back()) : checksum}};
}

std::vector<fs::path> TokenizerPair::files(const fs::path& folder) {
    if (fs::exists(joint_file(folder))) return {joint_file(folder)};
    return {source_file(folder), target_file(folder)};
}

std::unique_ptr<TokenizerPair> tokenizers_of_model(const fs::path& folder) {
    auto tokenizers = std::make_unique<TokenizerPair>(folder);
    const fs::path weights = folder / "model.safetensors";
    if (fs::exists(weights)) check_tokenizers(*tokenizers, folder, SafetensorsFile(weights).metadata());
    return tokenizers;
}

void set_usual_sentences(Metadata& metadata, int sentences) {
    metadata.erase(kSentencesKey);
    if (sentences > 0) metadata.emplace(kSentencesKey, std::to_string(sentences));
}

int usual_sentences(const Metadata& metadata) {
    const auto found = metadata.find(kSentencesKey);
    if (found == metadata.end()) return 0;
    int count = 0;
    const char* const end = found->second.data() + found->second.size();
    const auto [behind, failure] = std::from_chars(found->second.data(), end, count);
    check(failure == std::errc() && behind == end && count > 0,
          "the model's weights say '{}' in their metadata {}: expected a number of sentences, at least 1", found->second, kSentencesKey);
    return count;
}

int usual_sentences(const std::vector<Metadata>& models) {
    int most = 0;
    for (const Metadata& model : models) {
        const int usual = usual_sentences(model);
        if (usual == 0) return 0;
        most = std::max(most, usual);
    }
    return most;
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
    check(fs::exists(folder / "model.safetensors") || !fs::exists(folder / "training" / "latest"),
          "'{0}' has no model.safetensors: its training has not come to a validation; go on with 'nmt train --model {0} "
          "--resume'",
          folder.string());
    for (const char* name : {"config.ini", "model.safetensors"})
        check(fs::exists(folder / name), "'{}' is no trained model: it has no {}; train it with 'nmt train --model {}'", folder.string(),
              name, folder.string());
    LoadedModel loaded;
    Configuration configuration = Configuration::load(folder / "config.ini");
    loaded.options = read_model_options(configuration);
    const fs::path path = folder / "model.safetensors";
    const SafetensorsFile file(path);
    // Reading all weights takes as long as reading the tokenizers, and so no longer beside them.
    FiniteCheck finite(file, path);
    loaded.tokenizers = std::make_unique<TokenizerPair>(folder);
    loaded.metadata = file.metadata();
    check_tokenizers(*loaded.tokenizers, folder, loaded.metadata); // before others of another size are told as a shape that does not fit
    loaded.model = make_model(context, loaded.options, loaded.tokenizers->vocabulary(), std::nullopt);
    take_weights(*loaded.model, file, path);
    finite.finish();
    return loaded;
}

std::unique_ptr<Model> share_model(const LoadedModel& loaded, Context& context) {
    std::unique_ptr<Model> model = make_model(context, loaded.options, loaded.model->vocabulary(), std::nullopt);
    model->parameters().share(loaded.model->parameters());
    return model;
}

void save_weights(Model& model, const fs::path& file, const Metadata& metadata) {
    std::vector<SafetensorsEntry> entries;
    for (const Parameter& parameter : model.parameters().all()) {
        entries.push_back(tensor_entry(parameter.name(), parameter.value()));
        if (parameter.is_quantized()) entries.push_back(tensor_entry(parameter.name() + kScale, parameter.quantized().scales));
    }
    write_safetensors(file, entries, metadata);
}

void save_model(const LoadedModel& loaded, const fs::path& original, const fs::path& output, const Metadata& own) {
    check_no_model(output);
    make_folder(output);
    check_writable(output);
    const FolderLock lock(output);
    check_no_model(output); // of another process that was at work there
    for (const fs::path& file : TokenizerPair::files(original)) write_file(output / file.filename(), read_file(file));
    write_file(output / "config.ini", read_file(original / "config.ini"));
    Metadata metadata = own;
    for (const char* key : kLastingKeys)
        if (const auto found = loaded.metadata.find(key); found != loaded.metadata.end()) metadata.insert(*found);
    metadata.insert(loaded.tokenizers->record().begin(), loaded.tokenizers->record().end()); // of an earlier version's model too
    check_mapped_files();
    save_weights(*loaded.model, output / "model.safetensors", metadata);
}

void check_no_model(const fs::path& folder) {
    for (const char* name : {"model.safetensors", "config.ini", "tokenizer.model", "source.model", "target.model", "training"})
        check(!fs::exists(folder / name), "'{}' holds a {} already; use another folder", folder.string(), name);
}

Metadata load_weights(Model& model, const fs::path& path) {
    const SafetensorsFile file(path);
    FiniteCheck(file, path).finish();
    take_weights(model, file, path);
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
