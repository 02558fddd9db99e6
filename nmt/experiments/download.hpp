// Downloads of public data, which count only with the right checksum. Used by recipes.
#pragma once

#include <filesystem>
#include <string>

namespace nmt {

// Makes `to` the file at `url` (https, http or file; redirects are followed), whose SHA-256 must be `expected_sha256`, 64 hexadecimal
// digits. A file that is there already with this checksum stays as it is. Shows progress where stderr is a terminal.
// Throws Error for a failed download, a checksum that differs or a failed write, and Interrupted where a stop signal came (see
// base/signals.hpp); what stood at `to` before is untouched then, and nothing half-written stays.
void download(const std::string& url, const std::filesystem::path& to, const std::string& expected_sha256);

} // namespace nmt
