#include "nmt/evaluation/japanese_words.hpp"

#include "nmt/base/dynamic_library.hpp"
#include "nmt/base/error.hpp"

#include <mecab.h>

#include <array>
#include <filesystem>

namespace nmt {
namespace {

constexpr const char* kDictionary = "/var/lib/mecab/dic/ipadic-utf8";
constexpr unsigned kWords = 392126; // of the dictionary that sacreBLEU asks for; Debian's has one more, the name of the era Reiwa
constexpr const char* kPackage = "mecab-ipadic-utf8";

} // namespace

struct JapaneseWords::Implementation {
    Implementation() {
        check(std::filesystem::exists(std::filesystem::path(kDictionary) / "sys.dic"),
              "the tokenizer ja-mecab needs the dictionary '{}', which is not there; install the package {}", kDictionary, kPackage);
        std::array<std::string, 6> arguments{"nmt", "-r", "/dev/null", "-d", kDictionary, "-Owakati"};
        std::array<char*, 6> pointers{};
        for (std::size_t i = 0; i < arguments.size(); ++i) pointers[i] = arguments[i].data();
        model = new_model(static_cast<int>(pointers.size()), pointers.data());
        check(model != nullptr, "MeCab cannot read the dictionary '{}'; install the package {} again", kDictionary, kPackage);
        tagger = new_tagger(model);
        const mecab_dictionary_info_t* const info = dictionary_info(model);
        check(tagger != nullptr && info != nullptr && (info->size == kWords || info->size == kWords + 1) && info->next == nullptr,
              "the dictionary '{}' has {} words; expected the {} of the IPA dictionary that sacreBLEU uses or the {} of Debian's, and no "
              "other beside it",
              kDictionary, info != nullptr ? info->size : 0, kWords, kWords + 1);
        signature = fmt::format("{}-IPA{}", version(), info->size == kWords ? "" : "+reiwa");
    }
    ~Implementation() {
        if (tagger != nullptr) delete_tagger(tagger);
        if (model != nullptr) delete_model(model);
    }
    Implementation(const Implementation&) = delete;
    Implementation& operator=(const Implementation&) = delete;

    DynamicLibrary library{"libmecab.so.2", "the tokenizer ja-mecab", "libmecab2"};
    decltype(mecab_version)* const version = library.find<decltype(mecab_version)>("mecab_version");
    decltype(mecab_model_new)* const new_model = library.find<decltype(mecab_model_new)>("mecab_model_new");
    decltype(mecab_model_destroy)* const delete_model = library.find<decltype(mecab_model_destroy)>("mecab_model_destroy");
    decltype(mecab_model_new_tagger)* const new_tagger = library.find<decltype(mecab_model_new_tagger)>("mecab_model_new_tagger");
    decltype(mecab_destroy)* const delete_tagger = library.find<decltype(mecab_destroy)>("mecab_destroy");
    decltype(mecab_model_dictionary_info)* const dictionary_info =
        library.find<decltype(mecab_model_dictionary_info)>("mecab_model_dictionary_info");
    decltype(mecab_model_new_lattice)* const new_lattice = library.find<decltype(mecab_model_new_lattice)>("mecab_model_new_lattice");
    decltype(mecab_lattice_destroy)* const delete_lattice = library.find<decltype(mecab_lattice_destroy)>("mecab_lattice_destroy");
    decltype(mecab_lattice_set_sentence2)* const set_sentence =
        library.find<decltype(mecab_lattice_set_sentence2)>("mecab_lattice_set_sentence2");
    decltype(mecab_parse_lattice)* const parse = library.find<decltype(mecab_parse_lattice)>("mecab_parse_lattice");
    decltype(mecab_lattice_tostr)* const to_string = library.find<decltype(mecab_lattice_tostr)>("mecab_lattice_tostr");

    std::string signature;
    mecab_model_t* model = nullptr;
    mecab_t* tagger = nullptr; // does not change: what a sentence needs is in its lattice
};

JapaneseWords::JapaneseWords() : implementation_(std::make_unique<Implementation>()) {}
JapaneseWords::~JapaneseWords() = default;

std::string JapaneseWords::cut(std::string_view text) const {
    const Implementation& mecab = *implementation_;
    const std::unique_ptr<mecab_lattice_t, decltype(mecab.delete_lattice)> lattice(mecab.new_lattice(mecab.model), mecab.delete_lattice);
    mecab.set_sentence(lattice.get(), text.data(), text.size());
    const char* const words = mecab.parse(mecab.tagger, lattice.get()) != 0 ? mecab.to_string(lattice.get()) : nullptr;
    check(words != nullptr, "MeCab cannot cut a text of {} bytes into words", text.size());
    return words;
}

const std::string& JapaneseWords::signature() const { return implementation_->signature; }

} // namespace nmt
