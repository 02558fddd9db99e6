#include "nmt/decoding/translator_options.hpp"

namespace nmt {

void TranslatorOptions::describe(OptionTable& table) {
    table.add("batch-size", batch_size, "sentences translated together", 1, 100'000);
    table.add("batch-tokens", batch_tokens,
              "source pieces translated together, at most: batches of long sentences hold fewer; 0: 16 times batch-size", 0, 100'000'000);
    table.add("window", window, "lines read ahead and sorted by length; 0: 16 batches, or two for each thread", 0, 10'000'000);
    table.add("max-source-length", max_source_length,
              "pieces, with the end of the sentence: a longer line is split, translated part by part and joined", 2, 1'000'000);
    search.describe(table);
    table.add(
        "unknown", unknown,
        "what is done about words that the target tokenizer does not know: none is written (forbid), the source word is written in its "
        "place, as attention finds it (copy), or \u2047 (allow)",
        {"forbid", "copy", "allow"});
}

} // namespace nmt
