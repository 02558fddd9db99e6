// The kernel that averages probabilities, given as logarithms. Used by ensembles.
#pragma once

#include "nmt/tensor/tensor.hpp"

namespace nmt {

// log_probabilities = log((1 - share) * e^log_probabilities + share * e^other), element by element, both [R,V].
// Where the two are equal, nothing changes, not by a bit. Absolute error about 2e-7.
void mix_log_probabilities(Tensor& log_probabilities, const Tensor& other, float share);

} // namespace nmt
