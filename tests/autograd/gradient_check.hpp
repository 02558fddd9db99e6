// One numeric gradient check for every operation: its output against a twin in double precision, and the gradient of a random
// projection of its outputs, with respect to every input, against central differences of the twin.
#pragma once

#include "nmt/autograd/operations.hpp"
#include "tests/tensor/naive.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <vector>

namespace nmt {

// A scalar counts as an output [1,1].
using Twin = std::function<std::vector<naive::Matrix>(const std::vector<naive::Matrix>& inputs)>;

// `inputs` are variables and parameters' variables that `run` reads; `twin` computes the same from their values, perhaps
// without the rows of padding at the end, and both give the same number of outputs.
inline void check_gradients(const std::vector<Variable>& inputs, const std::function<std::vector<Variable>()>& run, const Twin& twin,
                            double tolerance = 1e-4) {
    std::vector<naive::Matrix> values;
    for (const Variable& input : inputs) {
        values.emplace_back(input.value());
        input.clear_gradient();
    }
    Random random(11);
    std::vector<naive::Matrix> projections = twin(values);
    {
        Tape tape;
        std::vector<Variable> outputs = run();
        ASSERT_EQ(outputs.size(), projections.size());
        for (std::size_t i = 0; i < outputs.size(); ++i) {
            naive::expect_close(outputs[i].value(), projections[i], 1e-5);
            for (std::size_t j = 0; j < projections[i].values.size(); ++j)
                projections[i].values[j] = outputs[i].gradient().data()[j] = static_cast<float>(random.normal());
        }
        tape.backward();
    }
    const auto projected = [&] {
        const std::vector<naive::Matrix> outputs = twin(values);
        double sum = 0;
        for (std::size_t i = 0; i < outputs.size(); ++i)
            for (std::size_t j = 0; j < outputs[i].values.size(); ++j) sum += outputs[i].values[j] * projections[i].values[j];
        return sum;
    };
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        ASSERT_TRUE(inputs[i].has_gradient()) << "input " << i;
        double difference = 0, norm = 0;
        const std::size_t stride = 1 + values[i].values.size() / 200; // a sample of a large input
        for (std::size_t j = 0; j < values[i].values.size(); j += stride) {
            double& x = values[i].values[j];
            const double before = x;
            x = before + 1e-5;
            const double above = projected();
            x = before - 1e-5;
            const double numeric = (above - projected()) / 2e-5;
            x = before;
            difference += std::pow(numeric - inputs[i].gradient().data()[j], 2);
            norm += numeric * numeric;
        }
        EXPECT_LE(std::sqrt(difference), tolerance * std::sqrt(norm) + 1e-7) << "input " << i;
        EXPECT_GT(norm, 0) << "input " << i << " does not matter";
    }
}

} // namespace nmt
