// The commands of nmt, one file each. `arguments` is what follows the command's name; the exit status comes back.
// What goes wrong is thrown (nmt/base/error.hpp) and reported by main.
#pragma once

#include <string>
#include <vector>

namespace nmt {

int tokenizer_command(const std::vector<std::string>& arguments);
int train_command(const std::vector<std::string>& arguments);
int translate_command(const std::vector<std::string>& arguments);
int score_command(const std::vector<std::string>& arguments);
int evaluate_command(const std::vector<std::string>& arguments);
int run_command(const std::vector<std::string>& arguments);
int average_command(const std::vector<std::string>& arguments);
int quantize_command(const std::vector<std::string>& arguments);
int inspect_command(const std::vector<std::string>& arguments);
int audit_command(const std::vector<std::string>& arguments);
int gradient_flow_command(const std::vector<std::string>& arguments);

} // namespace nmt
