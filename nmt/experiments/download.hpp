// Downloads of public data, which count only with the right checksum. Used by recipes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace nmt {

// What a download may be, and may take.
struct DownloadLimits {
    std::string protocols = "https"; // separated by commas; after a redirect, too
    std::int64_t bytes = std::int64_t{4} << 30;
    double seconds = 6 * 3600;
};

// Makes `to` the file at `url` (redirects are followed), whose SHA-256 must be `expected_sha256`, 64 hexadecimal digits. A file that is
// there already with this checksum stays as it is. Logs what is downloaded, and shows how far that is: on a terminal in place, elsewhere
// in a line a minute.
// Throws Error for a failed download, one beyond the limits, a checksum that differs or a failed write, and Interrupted where a stop signal
// came (see base/signals.hpp); what stood at `to` before is untouched then, and nothing half-written stays.
void download(const std::string& url, const std::filesystem::path& to, const std::string& expected_sha256,
              const DownloadLimits& limits = {});

} // namespace nmt
