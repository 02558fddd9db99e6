// nmt inspect.
#include "nmt/models/model_folder.hpp"
#include "nmt/models/quantize.hpp"
#include "nmt/tensor/context.hpp"
#include "nmt/training/checkpoint.hpp"
#include "tools/nmt/command.hpp"
#include "tools/nmt/commands.hpp"

namespace nmt {

int inspect_command(const std::vector<std::string>& arguments) {
    std::string model;
    CommandOptions options({"nmt inspect", "--model DIR",
                            "Prints what a model is: its options, vocabularies, parameters and how it was trained.",
                            "  nmt inspect --model german"});
    options.add("model,m", "DIR", model, "folder of the model").required();
    if (!options.parse(arguments)) return 0;
    Context context(1);
    const LoadedModel loaded = load_model(context, model);
    const Vocabulary& vocabulary = loaded.model->vocabulary();
    std::string text = format_model_options(loaded.options) + "\n";
    text += vocabulary.shared ? fmt::format("vocabulary: {} pieces, shared by both sides\n", vocabulary.source)
                              : fmt::format("vocabulary: source {}, target {} pieces\n", vocabulary.source, vocabulary.target);
    text += fmt::format("parameters: {}\n", loaded.model->parameters().count());
    for (const Parameter& parameter : loaded.model->parameters().all())
        text += fmt::format("  {:<44} {:>18} {:>12}\n", parameter.name(), parameter.value().shape().to_string(), parameter.value().size());
    if (is_quantized(*loaded.model)) text += "weights: 8-bit integers\n";
    const auto updates = loaded.metadata.find("updates");
    const auto mean_of = loaded.metadata.find("mean_of");
    if (mean_of != loaded.metadata.end()) text += fmt::format("weights: the mean of {}\n", mean_of->second);
    else if (updates != loaded.metadata.end()) text += fmt::format("weights of update: {}\n", updates->second);
    if (const int usual = usual_sentences(loaded.metadata); usual > 0)
        text += fmt::format("sentences: 99 % of the source lines of its training hold at most {}\n", usual);
    if (has_checkpoint(model)) {
        const Progression p = read_progression(model);
        text += fmt::format("training: {} updates, epoch {}, {} target tokens, {:.1f} minutes of updates, {} in all; {}\n", p.updates,
                            p.last_epoch(), p.target_tokens, p.update_seconds / 60, fmt::format("{:.1f}", p.total_seconds / 60),
                            p.finished ? "finished" : "not finished: 'nmt train --resume' goes on");
    }
    text.pop_back();
    print(text);
    return 0;
}

} // namespace nmt
