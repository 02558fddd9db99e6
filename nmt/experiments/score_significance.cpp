#include "nmt/experiments/score_significance.hpp"

#include <algorithm>

namespace nmt {

nlohmann::ordered_json significance_in(const nlohmann::ordered_json& results, const std::string& test) {
    using Json = nlohmann::ordered_json;
    Json result{{"method", "paired approximate randomization, all seeds"},
                {"samples", results.at("statistics").at("bootstrap_samples")},
                {"intervals", Json::array()},
                {"pairs", Json::array()}};
    const Json& models = results.at("models");
    const auto number_of = [&](const Json& name) {
        return std::find_if(models.begin(), models.end(), [&](const Json& model) { return model.at("name") == name; }) - models.begin();
    };
    for (const Json& model : models) {
        const Json& interval = model.at("tests").at(test).at("bleu_interval");
        result["intervals"].push_back({{"low", interval[0]}, {"high", interval[1]}});
    }
    for (const Json& pair : results.at("comparisons")) {
        if (pair.at("test") != test) continue;
        result["pairs"].push_back({{"first", number_of(pair.at("first"))},
                                   {"second", number_of(pair.at("second"))},
                                   {"difference", pair.at("difference")},
                                   {"p_sentences", pair.at("p_by_sentences")},
                                   {"p_seeds", pair.at("p_by_seeds")},
                                   {"smallest_p_seeds", pair.at("smallest_p_by_seeds")}});
    }
    return result;
}

} // namespace nmt
