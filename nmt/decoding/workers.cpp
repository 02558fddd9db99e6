#include "nmt/decoding/workers.hpp"

#include "nmt/base/files.hpp"

namespace nmt {
namespace {

void check_same_tokenizers(const std::vector<std::string>& folders) {
    const auto file_of = [](const std::filesystem::path& folder, bool source) {
        const std::vector<std::filesystem::path> files = TokenizerPair::files(folder);
        return source ? files.front() : files.back();
    };
    for (const bool source : {true, false}) {
        for (std::size_t i = 1; i < folders.size(); ++i) {
            const auto first = file_of(folders.front(), source), other = file_of(folders[i], source);
            check(read_file(first) == read_file(other),
                  "'{}' and '{}' are different {} tokenizers; models of an ensemble need the same ones, as 'nmt run' or the keys "
                  "data.source-tokenizer and data.target-tokenizer give them",
                  first.string(), other.string(), source ? "source" : "target");
        }
    }
}

} // namespace

TranslationWorkers::TranslationWorkers(const std::vector<std::string>& folders, int count, const std::vector<double>& weights,
                                       DataType products) {
    contexts_.emplace_back(1, products);
    std::vector<Model*> models;
    for (const std::string& folder : folders) {
        loaded_.push_back(load_model(contexts_.front(), folder));
        models.push_back(loaded_.back().model.get());
    }
    check_same_tokenizers(folders);
    ensembles_.emplace_back(models, weights);
    for (int worker = 1; worker < (count > 0 ? count : available_threads()); ++worker) {
        contexts_.emplace_back(1, products);
        models.clear();
        for (const LoadedModel& loaded : loaded_) {
            of_the_others_.push_back(share_model(loaded, contexts_.back()));
            models.push_back(of_the_others_.back().get());
        }
        ensembles_.emplace_back(models, weights);
    }
}

} // namespace nmt
