// What a trained model shows when it is run again: how far back its gradient reaches, and where its attention looks.
// Used by the analysis of a recipe, in a process of its own.
#pragma once

#include "nmt/decoding/search.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace nmt {

struct ModelAnalysisOptions {
    std::vector<std::string> source, target; // pairs whose loss is followed back; those with an empty side are left out
    std::vector<std::string> sentences;      // that are translated for their attention
    SearchOptions search;
    int threads = 0; // 0: all cores
};

// {"gradient_flow": null for a model without gradients, else {"pairs", "encoder", "decoder": {"norm", "pairs"} by distance
//   (nmt/training/gradient_flow.hpp, the loss of </s>)},
//  "attention": null for a model without, else one a sentence, null for a sentence of more than kLongestAttention tokens on a side, else
//   {"source", "target": pieces, the last </s>, "weights": [target][source], in percent}}: those with which the model
//   writes the translation that `search` finds.
// Throws Error as load_model() does.
nlohmann::ordered_json analyse_model(const std::filesystem::path& folder, const ModelAnalysisOptions& options);

// Whether a document is built as those of analyse_model() are.
bool is_model_analysis(const nlohmann::ordered_json& document);

inline constexpr int kLongestAttention = 60;

} // namespace nmt
