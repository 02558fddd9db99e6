#include "nmt/training/training_options.hpp"

#include "nmt/evaluation/bleu_tokenizer.hpp"

#include <fmt/ranges.h>

namespace nmt {

ParallelText DataOptions::training_text() const {
    return train_tsv.empty() ? ParallelText(file_list(train_source), file_list(train_target)) : ParallelText::tsv(file_list(train_tsv));
}

std::vector<ParallelText> DataOptions::validation_texts() const {
    const ParallelText all =
        valid_tsv.empty() ? ParallelText(file_list(valid_source), file_list(valid_target)) : ParallelText::tsv(file_list(valid_tsv));
    std::vector<ParallelText> texts;
    for (const ParallelText::Part& part : all.parts) texts.emplace_back().parts.push_back(part);
    return texts;
}

std::vector<std::pair<std::string, std::string*>> DataOptions::text_keys() {
    return {{"train-source", &train_source}, {"train-target", &train_target}, {"train-tsv", &train_tsv},
            {"valid-source", &valid_source}, {"valid-target", &valid_target}, {"valid-tsv", &valid_tsv}};
}

std::vector<std::string> DataOptions::text_files() const {
    DataOptions copy = *this;
    std::vector<std::string> files;
    for (const auto& [name, value] : copy.text_keys())
        for (const std::string& file : file_list(*value)) files.push_back(file);
    return files;
}

void DataOptions::describe(OptionTable& table) {
    table.add("train-source", train_source,
              "training text, a sentence a line, plain or compressed; several files are read one after another; \"my file\" has a blank");
    table.add("train-target", train_target, "its translation, line by line, a file for each of train-source");
    table.add("train-tsv", train_tsv, "both in one file, SOURCE<TAB>TARGET a line, in place of train-source and train-target");
    table.add("valid-source", valid_source,
              "validation text; several files are sets of their own, of which the first decides which weights are the best; empty: no "
              "validation");
    table.add("valid-target", valid_target, "its translation, line by line, a file for each of valid-source");
    table.add("valid-tsv", valid_tsv, "both in one file, as train-tsv");
    table.add("source-tokenizer", source_tokenizer, "a trained SentencePiece model; empty: trained from the training text");
    table.add("target-tokenizer", target_tokenizer, "the same for the target; the same file means one vocabulary");
}

void TrainingOptions::describe(OptionTable& table) {
    table.add("from", from,
              "folder of a model whose weights the training begins with (fine-tuning); [model] and [tokenizer] are then as there where "
              "nothing else is said; empty: weights are drawn");
    table.add("new-tokenizer", new_tokenizer,
              "with from: learns tokenizers from the training text instead of keeping those of that model; embeddings of pieces that both "
              "have are carried over");
    table.add(
        "freeze", freeze,
        "parameters that stay as they are: whole names or their beginnings, such as encoder or decoder.embedding; 'nmt inspect' lists "
        "a model's");
    optimizer.describe(table);
    table.add("batch-tokens", batch_tokens, "target tokens of a batch", 1);
    table.add("accumulate", accumulate, "batches of an update", 1);
    table.add("max-length", max_length, "longer training sentences, in tokens, are left out", 1);
    table.add("subword-sampling", subword_sampling,
              "encodes the training text anew in each epoch, by chance; unigram: exponent of the sampled probability, bpe: merges left "
              "out; 0: never",
              0, 1);
    table.add("subword-sampling-sides", subword_sampling_sides,
              "what is sampled; sentences whose sample exceeds max-length stay as they are", {"both", "source", "target"});
    table.add("label-smoothing", label_smoothing, "share of the probability that is spread over the vocabulary", 0, 0.999);
    table.add("max-epochs", max_epochs, "stops after so many passes over the data; 0: no limit");
    table.add("max-updates", max_updates, "stops after so many updates; 0: no limit");
    table.add("max-minutes", max_minutes, "stops after so many minutes of updates, validation apart; 0: no limit", 0, 1e6);
    table.add("validate-every", validate_every, "updates between validations; 0: one after each epoch");
    table.add("patience", patience, "stops after so many validations without a better one; 0: never");
    table.add("best-by", best_by, "which validation is the best: by BLEU or by loss", {"bleu", "loss"});
    table.add("valid-beam", valid_beam, "beam of the validation's translations", 1, 1000);
    table.add("valid-tokenize", valid_tokenize,
              fmt::format("words of the validation's BLEU: {}; none: what stands between spaces", fmt::join(BleuTokenizer::names(), ", ")));
    table.add("keep-checkpoints", keep_checkpoints, "the last checkpoints that are kept", 1);
    table.add("average-checkpoints", average_checkpoints,
              "the model becomes the mean of the weights at so many validations when the training ends; 0: the best ones alone");
    table.add("average-of", average_of, "which validations those are", {"last", "best"});
    table.add("precision", precision,
              "of the operands of products, and of results and gradients that one operation alone reads; weights and sums stay f32; "
              "auto: bf16 where the processor has instructions for it",
              {"auto", "f32", "bf16"});
    table.add("log-every", log_every, "updates between log lines", 1);
    table.add("seed", seed, "of the first weights, the order of batches, dropout and subword sampling");
}

} // namespace nmt
