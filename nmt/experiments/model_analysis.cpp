#include "nmt/experiments/model_analysis.hpp"

#include "nmt/data/corpus.hpp"
#include "nmt/experiments/rounding.hpp"
#include "nmt/models/model_folder.hpp"
#include "nmt/tensor/context.hpp"
#include "nmt/training/gradient_flow.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

namespace nmt {
namespace {

using Json = nlohmann::ordered_json;

Json curve_json(const GradientCurve& curve) {
    Json norm = Json::array();
    for (const double value : curve.norm) norm.push_back(rounded(value, 4));
    return {{"norm", norm}, {"pairs", curve.pairs}};
}

Json gradients_of(const LoadedModel& loaded, const ModelAnalysisOptions& options) {
    if (find_architecture(loaded.model->architecture()).estimate != nullptr) return nullptr;
    const int longest = std::min(loaded.model->encoder().max_length(), loaded.model->decoder().max_length());
    ParallelCorpus corpus;
    for (std::size_t i = 0; i < options.source.size(); ++i) {
        const std::vector<std::int32_t> source = encode_with_end(loaded.tokenizers->source(), options.source[i]),
                                        target = encode_with_end(loaded.tokenizers->target(), options.target[i]);
        if (source.size() > 1 && target.size() > 1 && std::ssize(source) <= longest && std::ssize(target) <= longest)
            corpus.add(source, target, i);
    }
    if (corpus.size() == 0) return nullptr;
    const GradientFlow flow = gradient_flow(*loaded.model, corpus);
    return {{"pairs", flow.pairs}, {"encoder", curve_json(flow.encoder)}, {"decoder", curve_json(flow.decoder)}};
}

Json pieces_json(const Tokenizer& tokenizer, std::span<const std::int32_t> tokens) {
    Json pieces = Json::array();
    for (const std::int32_t token : tokens) pieces.push_back(tokenizer.piece(token));
    return pieces;
}

// The weights over one sentence with which the model writes its translation of it.
Json attention_over(const LoadedModel& loaded, const std::string& sentence, const SearchOptions& search_options) {
    Model& model = *loaded.model;
    Sequences source;
    source.add(encode_with_end(loaded.tokenizers->source(), sentence));
    if (source.total() > std::min(kLongestAttention, model.encoder().max_length())) return nullptr;
    Sequences target;
    std::vector<std::int32_t> tokens = search(model, source, search_options).front().front().tokens;
    tokens.push_back(Tokenizer::kEndOfSentence);
    if (std::ssize(tokens) > std::min(kLongestAttention, model.decoder().max_length())) return nullptr;
    target.add(tokens);
    const Tensor attention = teacher_forced(model, source, target, true).attention; // [N,S]
    Json weights = Json::array();
    for (int t = 0; t < target.total(); ++t) {
        Json row = Json::array();
        for (int s = 0; s < source.total(); ++s) row.push_back(static_cast<int>(std::lround(100 * attention.row(t)[s])));
        weights.push_back(std::move(row));
    }
    return {{"source", pieces_json(loaded.tokenizers->source(), source[0])},
            {"target", pieces_json(loaded.tokenizers->target(), target[0])},
            {"weights", weights}};
}

Json attention_of(const LoadedModel& loaded, const ModelAnalysisOptions& options) {
    const bool is_dictionary = loaded.model->encoder().width() == 0; // it reads one token after another: there is nothing to see
    if (is_dictionary || !Ensemble(*loaded.model).has_attention()) return nullptr;
    Json sentences = Json::array();
    for (const std::string& sentence : options.sentences) sentences.push_back(attention_over(loaded, sentence, options.search));
    return sentences;
}

using Kind = std::function<bool(const Json&)>;

bool is_number(const Json& json) { return json.is_number(); }
bool is_text(const Json& json) { return json.is_string(); }

bool is_array_of(const Json& json, const Kind& kind) { return json.is_array() && std::all_of(json.begin(), json.end(), kind); }
bool has(const Json& json, const char* key, const Kind& kind) { return json.is_object() && json.contains(key) && kind(json[key]); }
bool has_array(const Json& json, const char* key, const Kind& kind) {
    return has(json, key, [&](const Json& value) { return is_array_of(value, kind); });
}

bool is_curve(const Json& json) { return has_array(json, "norm", is_number) && has_array(json, "pairs", is_number); }

bool is_gradient_flow(const Json& json) {
    return json.is_null() || (has(json, "pairs", is_number) && has(json, "encoder", is_curve) && has(json, "decoder", is_curve));
}

bool is_attention_map(const Json& json) {
    const auto is_row = [&](const Json& row) { return is_array_of(row, is_number) && row.size() == json["source"].size(); };
    return json.is_null() || (has_array(json, "source", is_text) && has_array(json, "target", is_text) &&
                              has_array(json, "weights", is_row) && json["weights"].size() == json["target"].size());
}

bool is_attention(const Json& json) { return json.is_null() || is_array_of(json, is_attention_map); }

} // namespace

bool is_model_analysis(const Json& document) {
    return has(document, "gradient_flow", is_gradient_flow) && has(document, "attention", is_attention);
}

Json analyse_model(const std::filesystem::path& folder, const ModelAnalysisOptions& options) {
    Context context(options.threads);
    const LoadedModel loaded = load_model(context, folder);
    return {{"gradient_flow", gradients_of(loaded, options)}, {"attention", attention_of(loaded, options)}};
}

} // namespace nmt
