#include "nmt/training/start.hpp"

#include "nmt/base/log.hpp"
#include "nmt/models/quantize.hpp"
#include "nmt/tensor/context.hpp"

#include <algorithm>
#include <vector>

namespace nmt {
namespace fs = std::filesystem;
namespace {

void set_all(Configuration& configuration, const std::string& section, const OptionTable& table) {
    for (const OptionTable::Option& option : table.options()) configuration.set(section + "." + option.name, option_value(option));
}

// [model] and [tokenizer], where the configuration does not say them, become those of a model folder. `training` is the configuration's.
void complete(Configuration& configuration, const TrainingOptions& training, const fs::path& folder) {
    Configuration saved = Configuration::load(folder / "config.ini");
    ModelOptions model = read_model_options(configuration, "model", read_model_options(saved), folder.string());
    model.preset = "none"; // its sizes stand there one by one
    set_all(configuration, "model", describe_model_options(model));

    if (!configuration.get("data.source-tokenizer", "").empty()) return;
    TokenizerOptions its;
    saved.read("tokenizer", its);
    its.joint = TokenizerPair::files(folder).size() == 1;
    TokenizerOptions wanted = its;
    configuration.read("tokenizer", wanted);
    if (!training.new_tokenizer && format_section("tokenizer", wanted) != format_section("tokenizer", its))
        log_info("[tokenizer] has no effect: the tokenizers of '{}' are kept; training.new-tokenizer = true learns others", training.from);
    set_all(configuration, "tokenizer", table_of(training.new_tokenizer ? wanted : its));
}

// Throws Error for a model that cannot be the start of one with these options.
LoadedModel load_start(Context& context, const ModelOptions& options, const fs::path& from) {
    LoadedModel start = load_model(context, from);
    check(find_architecture(start.options.architecture).estimate == nullptr,
          "no training can begin with '{}': a {} is estimated from its text and not updated", from.string(), start.options.architecture);
    check(!is_quantized(*start.model), "no training can begin with '{}': it is quantized; begin with the model that was quantized",
          from.string());
    check_fits(options, start.options, from.string());
    return start;
}

// For each piece the number of the equal one, or -1 where the other tokenizer has none.
using PieceMap = std::vector<int>;

PieceMap equal_pieces(const Tokenizer& mine, const Tokenizer& its) {
    PieceMap map;
    for (int id = 0; id < mine.vocabulary_size(); ++id) {
        const int other = its.id(mine.piece(id));
        map.push_back(other == Tokenizer::kUnknown && id != Tokenizer::kUnknown ? -1 : other);
    }
    return map;
}

CarriedPieces count(const PieceMap& map) {
    return {static_cast<int>(std::count_if(map.begin(), map.end(), [](int other) { return other >= 0; })), static_cast<int>(map.size())};
}

bool is_identity(const PieceMap& map, const Tokenizer& its) {
    int next = 0;
    return std::ssize(map) == its.vocabulary_size() && std::all_of(map.begin(), map.end(), [&](int other) { return other == next++; });
}

// The vocabulary whose pieces have a row each in the parameter of that name, as registry.hpp has them; null where none has.
const PieceMap* map_of(const std::string& name, const PieceMap& source, const PieceMap& target) {
    if (name == "encoder.embedding.weight") return &source;
    if (name == "decoder.embedding.weight" || name == "decoder.output.weight" || name == "decoder.output.bias") return &target;
    return nullptr;
}

void carry_rows(const PieceMap& map, const Tensor& from, Tensor& to) {
    const std::int64_t width = to.size() / std::ssize(map);
    for (std::size_t i = 0; i < map.size(); ++i)
        if (map[i] >= 0) std::copy_n(from.data() + map[i] * width, width, to.data() + static_cast<std::int64_t>(i) * width);
}

} // namespace

void adopt_start(Configuration& configuration) {
    TrainingOptions training;
    configuration.read("training", training);
    if (training.from.empty()) return;
    check(fs::exists(fs::path(training.from) / "config.ini"), "training.from: '{}' is no model folder: it has no config.ini",
          training.from);
    complete(configuration, training, training.from);
}

void adopt_start_of(const fs::path& folder, Configuration& configuration) {
    Configuration saved = Configuration::load(folder / "config.ini");
    TrainingOptions training, begun;
    configuration.read("training", training);
    saved.read("training", begun);
    check(training.from.empty() || training.from == begun.from, "training.from = {}, but '{}' holds a training that {}; leave it out",
          training.from, folder.string(), begun.from.empty() ? "began by itself" : "began with '" + begun.from + "'");
    if (begun.from.empty()) return;
    configuration.set("training.from", begun.from);
    configuration.read("training", training);
    complete(configuration, training, folder);
}

void check_start(const TrainingSetup& setup) {
    Context context(1);
    const LoadedModel start = load_start(context, setup.model, setup.training.from);
    check(learns_tokenizers(setup) || !setup.data.source_tokenizer.empty() || setup.tokenizer.joint == start.tokenizers->shared(),
          "tokenizer.joint = {}, but the tokenizers of '{}', which are kept, are {}", setup.tokenizer.joint, setup.training.from,
          start.tokenizers->shared() ? "one for both sides" : "one a side");
}

bool learns_tokenizers(const TrainingSetup& setup) {
    return setup.data.source_tokenizer.empty() && (setup.training.from.empty() || setup.training.new_tokenizer);
}

CarriedWeights carry_weights(Model& model, const TokenizerPair& tokenizers, const ModelOptions& options, const fs::path& from) {
    const LoadedModel start = load_start(model.context(), options, from);
    const PieceMap source = equal_pieces(tokenizers.source(), start.tokenizers->source());
    const PieceMap target = equal_pieces(tokenizers.target(), start.tokenizers->target());
    CarriedWeights carried{"", is_identity(source, start.tokenizers->source()) && is_identity(target, start.tokenizers->target()),
                           count(source), count(target)};
    if (const auto updates = start.metadata.find("updates"); updates != start.metadata.end()) carried.updates = updates->second;
    for (Parameter& parameter : model.parameters().all()) {
        const Parameter* const its = start.model->parameters().find(parameter.name());
        check(its != nullptr, "'{}' has no parameter '{}' to begin with", from.string(), parameter.name());
        if (const PieceMap* const map = map_of(parameter.name(), source, target)) {
            carry_rows(*map, its->value(), parameter.value());
        } else {
            check(its->value().shape() == parameter.value().shape(), "'{}': parameter '{}' is {}, but the model to begin with it has {}",
                  from.string(), parameter.name(), its->value().shape().to_string(), parameter.value().shape().to_string());
            parameter.value().copy_from(its->value());
        }
        parameter.changed();
    }
    return carried;
}

std::string describe(const CarriedWeights& carried, bool shared) {
    const CarriedPieces &source = carried.source, &target = carried.target;
    if (shared) return fmt::format("{} of {} pieces", source.carried, source.all);
    return fmt::format("{} of {} source and {} of {} target pieces", source.carried, source.all, target.carried, target.all);
}

} // namespace nmt
