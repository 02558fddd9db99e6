#include "nmt/training/gradient_flow.hpp"

#include "nmt/base/mapped_file.hpp"
#include "nmt/base/progress.hpp"
#include "nmt/data/batcher.hpp"
#include "nmt/models/registry.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

namespace nmt {
namespace {

using SquaredNorms = std::vector<double>; // by distance

// Adds the curve of one pair; norms are made means by finish().
void add_pair(GradientCurve& curve, const SquaredNorms& squares) {
    if (curve.norm.size() < squares.size()) {
        curve.norm.resize(squares.size(), 0.0);
        curve.pairs.resize(squares.size(), 0);
    }
    for (std::size_t k = 0; k < squares.size(); ++k) {
        curve.norm[k] += std::sqrt(squares[k]);
        ++curve.pairs[k];
    }
}

void finish(GradientCurve& curve) {
    for (std::size_t k = 0; k < curve.norm.size(); ++k) curve.norm[k] /= static_cast<double>(curve.pairs[k]);
}

void add_squares(SquaredNorms& sum, const SquaredNorms& more) {
    if (sum.size() < more.size()) sum.resize(more.size(), 0.0);
    for (std::size_t k = 0; k < more.size(); ++k) sum[k] += more[k];
}

bool is_of_encoder(const std::string& layer) { return layer.starts_with("encoder."); }

// Follows one pair: all rows of a layer are then states of one sentence, in order.
class PairFlow {
  public:
    PairFlow(Model& model, FollowedLoss followed) : model_(model), followed_(followed) {}

    // The loss; squares() are then those of this pair.
    double follow(const Batch& pair) {
        squares_.clear();
        Tape tape;
        tape.set_dropout(false);
        tape.set_observer([this](const std::string& layer, const Tensor& gradient) { observe(layer, gradient); });
        const StepOutput output = teacher_forced(model_, pair.source, pair.target);
        const auto tokens = static_cast<std::size_t>(pair.target.total());
        RowIndex targets(static_cast<std::size_t>(output.hidden.rows()), -1);
        for (std::size_t i = followed_ == FollowedLoss::last ? tokens - 1 : 0; i < tokens; ++i) targets[i] = pair.target.tokens[i];
        const float scale = followed_ == FollowedLoss::last ? 1.0F : 1.0F / static_cast<float>(tokens);
        const CrossEntropy loss = model_.decoder().loss(output.hidden, targets, {.smoothing = 0, .gradient_scale = scale});
        tape.backward();
        return loss.loss * scale;
    }

    const std::map<std::string, SquaredNorms>& squares() const { return squares_; }

  private:
    void observe(const std::string& layer, const Tensor& gradient) {
        SquaredNorms& squares = squares_[layer]; // goes on where a later part of the layer has ended
        for (std::int64_t row = gradient.rows() - 1; row >= 0; --row) {
            double sum = 0;
            for (const float value : std::span(gradient.row(row), static_cast<std::size_t>(gradient.columns())))
                sum += static_cast<double>(value) * value;
            squares.push_back(sum);
        }
    }

    Model& model_;
    FollowedLoss followed_;
    std::map<std::string, SquaredNorms> squares_;
};

} // namespace

GradientFlow gradient_flow(Model& model, const ParallelCorpus& corpus, FollowedLoss followed) {
    check(find_architecture(model.architecture()).estimate == nullptr,
          "a {} is estimated in one go and has no gradients to follow; give a model that is trained by gradient", model.architecture());
    check(corpus.size() > 0, "a gradient flow over no pairs; expected at least one");
    GradientFlow flow;
    PairFlow pair_flow(model, followed);
    Progress progress("following gradients");
    for (int i = 0; i < corpus.size(); ++i) {
        flow.loss += pair_flow.follow(gather(corpus, std::array{i})) / corpus.size();
        SquaredNorms encoder, decoder;
        for (const auto& [layer, squares] : pair_flow.squares()) {
            add_pair(flow.layers[layer], squares);
            add_squares(is_of_encoder(layer) ? encoder : decoder, squares);
        }
        add_pair(flow.encoder, encoder);
        add_pair(flow.decoder, decoder);
        progress.update(static_cast<std::uint64_t>(i) + 1, static_cast<std::uint64_t>(corpus.size()));
    }
    check(std::isfinite(flow.loss), "the model gave a loss of {}; its weights or its arithmetic are broken", flow.loss);
    check_mapped_files();
    finish(flow.encoder);
    finish(flow.decoder);
    for (auto& [layer, curve] : flow.layers) finish(curve);
    flow.pairs = static_cast<std::size_t>(corpus.size());
    for (Parameter& parameter : model.parameters().all()) parameter.variable().clear_gradient();
    return flow;
}

std::string describe_reach(const GradientCurve& curve) {
    constexpr double kFaded = 0.3, kVanished = 0.01; // shares of the strongest
    if (curve.norm.empty()) return {};
    std::size_t end = 1;
    while (end < curve.norm.size() && 4 * curve.pairs[end] >= curve.pairs[0]) ++end;
    const auto share = [&, strongest = *std::max_element(curve.norm.begin(), curve.norm.begin() + static_cast<std::ptrdiff_t>(end))](
                           std::size_t distance) { return strongest > 0 ? curve.norm[distance] / strongest : 0; };
    if (end == 1) return "the sentences are too short to tell whether the gradient fades; give longer ones";
    const auto steps = [](std::size_t count) { return fmt::format("{} step{}", count, count == 1 ? "" : "s"); };
    const std::size_t farthest = end - 1;
    if (share(farthest) >= kFaded)
        return fmt::format("the gradient does not fade: {} back there is {:.0f} % of its strongest", steps(farthest),
                           100 * share(farthest));
    if (share(farthest) >= kVanished)
        return fmt::format("the gradient fades: {} back there is {:.1f} % of its strongest; words much further back are hard to learn "
                           "from",
                           steps(farthest), 100 * share(farthest));
    std::size_t vanished = farthest;
    while (vanished > 0 && share(vanished - 1) < kVanished) --vanished;
    return fmt::format("the gradient vanishes: from {} back on there is less than 1 % of its strongest; words so far back can hardly "
                       "be learned from, unless attention reaches them (architecture = rnn-attention or transformer)",
                       steps(vanished));
}

} // namespace nmt
