#include "nmt/decoding/translator_options.hpp"

namespace nmt {

void TranslatorOptions::describe(OptionTable& table) {
    table.add("batch-size", batch_size, "sentences translated at once", 1, 1'000'000);
    table.add("batch-tokens", batch_tokens, "source tokens translated at once, at most; 0: 16 times batch-size", 0);
    table.add("window", window, "lines read ahead to be sorted by length; 0: 16 batches, or two for each worker", 0);
    table.add("max-source-length", max_source_length, "tokens, </s> counted; longer lines are translated in pieces", 2);
    search.describe(table);
    table.add(
        "unknown", unknown,
        "what is done about words that the target tokenizer does not know: none is written (forbid), the source word is written in its "
        "place, as attention finds it (copy), or \u2047 (allow)",
        {"forbid", "copy", "allow"});
}

} // namespace nmt
