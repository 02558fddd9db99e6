#include "nmt/decoding/workers.hpp"

#include <algorithm>

namespace nmt {

TranslationWorkers::TranslationWorkers(const std::vector<std::string>& folders, int count, const std::vector<double>& weights,
                                       DataType products) {
    contexts_.emplace_back(1, products);
    std::vector<Model*> models;
    for (const std::string& folder : folders) {
        loaded_.push_back(load_model(contexts_.front(), folder));
        models.push_back(loaded_.back().model.get());
    }
    for (const std::string& folder : folders)
        check_same_tokenizers(folders.front(), folder,
                              "models of an ensemble need the same ones, as 'nmt run' or the keys data.source-tokenizer and "
                              "data.target-tokenizer give them");
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

int TranslationWorkers::usual_sentences() const {
    std::vector<Metadata> models;
    for (const LoadedModel& loaded : loaded_) models.push_back(loaded.metadata);
    return nmt::usual_sentences(models);
}

} // namespace nmt
