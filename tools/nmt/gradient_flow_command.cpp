// nmt gradient-flow.
#include "nmt/base/log.hpp"
#include "nmt/base/table.hpp"
#include "nmt/models/model_folder.hpp"
#include "nmt/tensor/context.hpp"
#include "nmt/training/gradient_flow.hpp"
#include "nmt/training/validation.hpp"
#include "tools/nmt/command.hpp"
#include "tools/nmt/commands.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace nmt {
namespace {

// Norm and pairs of a curve at a distance; dashes beyond its end.
void add_cells(std::vector<std::string>& row, const GradientCurve& curve, std::size_t distance) {
    const bool there = distance < curve.norm.size();
    row.push_back(there ? fmt::format("{:.3e}", curve.norm[distance]) : "-");
    row.push_back(there ? fmt::format("{}", curve.pairs[distance]) : "-");
}

std::string flow_table(const GradientFlow& flow) {
    std::vector<std::vector<std::string>> rows{{"distance", "decoder", "pairs", "encoder", "pairs"}};
    for (std::size_t k = 0; k < std::max(flow.encoder.norm.size(), flow.decoder.norm.size()); ++k) {
        rows.push_back({fmt::format("{}", k)});
        add_cells(rows.back(), flow.decoder, k);
        add_cells(rows.back(), flow.encoder, k);
    }
    std::string text = fmt::format("{} pairs, mean loss {:.4f}\n\n{}", flow.pairs, flow.loss, format_table(rows));
    if (!flow.decoder.norm.empty()) text += "\nDecoder: " + describe_reach(flow.decoder) + ".";
    if (!flow.encoder.norm.empty()) text += "\nEncoder: " + describe_reach(flow.encoder) + ".";
    return text;
}

nlohmann::ordered_json curve_json(const GradientCurve& curve) { return {{"norm", curve.norm}, {"pairs", curve.pairs}}; }

std::string flow_json(const Model& model, const GradientFlow& flow, const std::string& loss) {
    nlohmann::ordered_json layers = nlohmann::ordered_json::object();
    for (const auto& [name, curve] : flow.layers) layers[name] = curve_json(curve);
    const nlohmann::ordered_json json{{"architecture", model.architecture()},
                                      {"pairs", flow.pairs},
                                      {"loss", loss},
                                      {"mean_loss", flow.loss},
                                      {"decoder", curve_json(flow.decoder)},
                                      {"encoder", curve_json(flow.encoder)},
                                      {"layers", layers}};
    return json.dump(1);
}

} // namespace

int gradient_flow_command(const std::vector<std::string>& arguments) {
    std::string model, source, target, loss = "last";
    bool json = false;
    int threads = 0, max_length = kUsualMaxLength;
    CommandOptions options(
        {"nmt gradient-flow", "--model DIR --source FILE --target FILE [options]",
         "Follows the loss of given translations back through a model and prints the mean norm of its gradient with respect to the states "
         "of decoder and encoder, by their distance in steps from the last one, and a verdict: where it falls to nothing, what was read "
         "so long ago cannot be learned from. The decoder's distance 0 is the step that writes </s>, the encoder's where it has read its "
         "last word. "
         "Of a transformer, which takes no steps, it is what the positions of a layer read of each other, by the distance from the last.",
         "  nmt gradient-flow --model rnn --source test.de --target test.en\n"
         "  nmt gradient-flow -m transformer --source test.de --target test.en --json"});
    options.add("model,m", "DIR", model, "folder of the model").required();
    options.add("source", "FILE", source, "source text, plain or compressed; '-' is stdin").required();
    options.add("target", "FILE", target, "its translation, line by line; pairs with an empty side are left out").required();
    options.add("loss", "WHICH", loss, "the loss to follow: of </s> at the end of the target, or the mean over all its tokens",
                std::vector<std::string>{"last", "all"});
    options.add("max-length", "N", max_length, "a sentence of more tokens is an error: memory grows with their square", 1, 1000000);
    options.add("json", "", json, "print JSON, with a curve for each layer");
    options.add("threads,t", "N", threads, "threads; 0: all cores", 0, 4096);
    options.add_line_limit();
    if (!options.parse(arguments)) return 0;
    check_standard_input({{"--source", source}, {"--target", target}});
    Context context(threads);
    const LoadedModel loaded = load_model(context, model);
    const ParallelCorpus corpus = ParallelCorpus::load({{source, target}, loaded.tokenizers->source(), loaded.tokenizers->target()});
    check_lengths(*loaded.model, corpus, max_length);
    if (corpus.counts().dropped() > 0) log_info("{}", describe(corpus.counts(), {}));
    const GradientFlow flow = gradient_flow(*loaded.model, corpus, loss == "all" ? FollowedLoss::all : FollowedLoss::last);
    if (json) print(flow_json(*loaded.model, flow, loss));
    else print_report(flow_table(flow));
    return 0;
}

} // namespace nmt
