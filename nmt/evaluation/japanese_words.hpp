// Japanese text as words, by MeCab (Kudo, Yamamoto and Matsumoto 2004, "Applying Conditional Random Fields to Japanese Morphological
// Analysis") with the IPA dictionary. Part of the tokenizers of BLEU.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace nmt {

class JapaneseWords {
  public:
    // Loads MeCab and the dictionary that Debian's package mecab-ipadic-utf8 installs. Throws Error where one of them is missing, and for
    // another dictionary.
    JapaneseWords();
    ~JapaneseWords();
    JapaneseWords(const JapaneseWords&) = delete;
    JapaneseWords& operator=(const JapaneseWords&) = delete;

    // The words of a text, parted by blanks. Safe to call from several threads.
    std::string cut(std::string_view text) const;

    // The versions of both: "0.996-IPA" for what sacreBLEU uses, "0.996-IPA+reiwa" for Debian's dictionary, which knows one word more.
    const std::string& signature() const;

  private:
    struct Implementation;
    std::unique_ptr<Implementation> implementation_;
};

} // namespace nmt
