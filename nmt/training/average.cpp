#include "nmt/training/average.hpp"

#include "nmt/base/mapped_file.hpp"
#include "nmt/models/model_folder.hpp"
#include "nmt/models/quantize.hpp"
#include "nmt/tensor/context.hpp"
#include "nmt/tensor/elementwise.hpp"
#include "nmt/training/checkpoint.hpp"
#include "nmt/training/setup.hpp"

namespace nmt {
namespace fs = std::filesystem;
namespace {

void check_same_options(const fs::path& first, const ModelOptions& expected, const fs::path& folder, const ModelOptions& found) {
    for (const OptionChange& change : weight_option_changes(expected, found))
        fail("'{}' and '{}' cannot be averaged: {} = {} is not {}", first.string(), folder.string(), change.key, change.before,
             change.after);
}

// A model of the first folder's kind, checked to be one that can be averaged.
LoadedModel load_first(Context& context, const fs::path& folder) {
    LoadedModel loaded = load_model(context, folder);
    check(find_architecture(loaded.options.architecture).estimate == nullptr,
          "'{}' cannot be averaged: a {} is estimated from its data, the mean of two is none", folder.string(),
          loaded.options.architecture);
    check(!is_quantized(*loaded.model), "'{}' cannot be averaged: it is quantized; average the models that were quantized",
          folder.string());
    return loaded;
}

void write_average(const LoadedModel& loaded, const fs::path& first, const fs::path& output, const std::string& mean_of) {
    save_model(loaded, first, output, {{"architecture", loaded.options.architecture}, {"mean_of", mean_of}});
}

} // namespace

void average_weights(Model& model, const std::vector<fs::path>& paths) {
    check(!paths.empty(), "there is nothing to average");
    std::vector<SafetensorsFile> files;
    for (const fs::path& path : paths) {
        files.emplace_back(path);
        for (const SafetensorsEntry& entry : files.back().entries())
            check(model.parameters().find(entry.name) != nullptr, "'{}' holds a tensor '{}', which the model has no place for",
                  path.string(), entry.name);
    }
    for (Parameter& parameter : model.parameters().all()) {
        Tensor one = Tensor::zeros(model.context(), parameter.value().shape());
        std::vector<double> sums(static_cast<std::size_t>(one.size()));
        for (std::size_t i = 0; i < files.size(); ++i) {
            read_tensor(files[i], paths[i], parameter.name(), one);
            check(all_finite(one), "'{}': tensor '{}' holds values that are no finite numbers and have no mean", paths[i].string(),
                  parameter.name());
            for (std::size_t k = 0; k < sums.size(); ++k) sums[k] += one.data()[k];
        }
        for (std::size_t k = 0; k < sums.size(); ++k)
            parameter.value().data()[k] = static_cast<float>(sums[k] / static_cast<double>(files.size()));
        parameter.changed();
    }
    check_mapped_files();
}

void average_models(const std::vector<fs::path>& folders, const fs::path& output) {
    check(folders.size() >= 2, "found {} model to average; expected at least 2", folders.size());
    check_no_model(output);
    Context context(1);
    LoadedModel loaded = load_first(context, folders.front());
    std::vector<fs::path> files;
    std::vector<Metadata> metadata{loaded.metadata};
    for (const fs::path& folder : folders) {
        files.push_back(folder / "model.safetensors");
        if (&folder == &folders.front()) continue;             // loaded above
        const LoadedModel other = load_model(context, folder); // refuses what is no whole model
        check_same_options(folders.front(), loaded.options, folder, other.options);
        check_same_tokenizers(folders.front(), folder, "models can be averaged only if they have the same ones");
        metadata.push_back(other.metadata);
    }
    set_usual_sentences(loaded.metadata, usual_sentences(metadata));
    average_weights(*loaded.model, files);
    write_average(loaded, folders.front(), output, fmt::format("{} models", folders.size()));
}

void average_snapshots(const fs::path& folder, int count, bool best, const fs::path& output) {
    check_no_model(output);
    Context context(1);
    LoadedModel loaded = load_first(context, folder);
    check(has_checkpoint(folder), "'{}' holds no training, and so no checkpoints to average", folder.string());
    const Progression progression = read_progression(folder);
    check(std::ssize(progression.snapshots) >= count,
          "'{}' has kept the weights of {} validations, not {}; set training.average-checkpoints to keep more", folder.string(),
          progression.snapshots.size(), count);
    check(!best || progression.validations > 0, "'{}' was trained without a validation set: nothing tells its best weights; take the last",
          folder.string());
    const std::vector<Snapshot> chosen = select_snapshots(progression.snapshots, count, best);
    average_weights(*loaded.model, snapshot_files(folder, chosen));
    write_average(loaded, folder, output, describe_snapshots(chosen));
}

std::vector<fs::path> snapshot_files(const fs::path& folder, const std::vector<Snapshot>& snapshots) {
    std::vector<fs::path> files;
    for (const Snapshot& snapshot : snapshots) {
        files.push_back(snapshot_file(folder, snapshot.updates));
        check(fs::exists(files.back()), "'{}' is missing, of which the latest checkpoint of '{}' tells", files.back().string(),
              folder.string());
    }
    return files;
}

} // namespace nmt
