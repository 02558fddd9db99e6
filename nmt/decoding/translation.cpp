#include "nmt/decoding/translation.hpp"

#include <fmt/format.h>

namespace nmt {

std::string format_translation(const Translation& translation, std::uint64_t line, const TranslationFormat& format) {
    std::string text = format.n_best ? fmt::format("{} ||| {}", line, translation.text) : translation.text;
    if (format.alignment) text += " ||| " + to_pharaoh(translation.alignment);
    if (format.word_scores) {
        text += " ||| WordScores=";
        for (const float log_prob : translation.token_log_probs) text += fmt::format(" {:.6f}", log_prob);
    }
    if (format.n_best) text += fmt::format(" ||| F0= {:.6f} ||| {:.6f}", translation.log_probability, translation.score);
    return text;
}

} // namespace nmt
