//! The languages: what a fence calls them, and what tells their words apart.

use super::scan::is_word;

/// How a language is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// Words, texts, numbers, comments.
    Words,
    /// Tags.
    Tags,
    /// By what a line begins with.
    Lines,
}

/// What a text stands in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quote {
    pub(super) open: &'static str,
    pub(super) close: &'static str,
    /// Whether a backslash hides what follows it.
    pub(super) escapes: bool,
    /// Whether it may go over several lines.
    pub(super) lines: bool,
}

const fn quote(mark: &'static str) -> Quote {
    Quote {
        open: mark,
        close: mark,
        escapes: true,
        lines: false,
    }
}

const fn long(mark: &'static str) -> Quote {
    Quote {
        open: mark,
        close: mark,
        escapes: true,
        lines: true,
    }
}

const fn raw(open: &'static str, close: &'static str) -> Quote {
    Quote {
        open,
        close,
        escapes: false,
        lines: true,
    }
}

/// A language. Lists of words are separated by spaces.
#[derive(Debug, Clone, Copy)]
pub(super) struct Language {
    names: &'static str,
    pub(super) manner: Manner,
    pub(super) line: &'static [&'static str],
    pub(super) block: &'static [(&'static str, &'static str)],
    /// The longer ones first.
    pub(super) quotes: &'static [Quote],
    pub(super) keywords: &'static str,
    pub(super) types: &'static str,
    pub(super) literals: &'static str,
    /// Signs that a variable begins with.
    pub(super) variables: &'static str,
    /// Whether words with a capital are types.
    pub(super) capitals: bool,
    /// Whether a word before a bracket is a function.
    pub(super) calls: bool,
    /// … and one before a `!`.
    pub(super) bangs: bool,
    /// Whether there are keys before colons, and before `=`.
    pub(super) keys: bool,
    pub(super) equals: bool,
    /// `@word`, `#[…]`, `#word` at the start of a line, `[…]` there.
    pub(super) decorators: bool,
    pub(super) attributes: bool,
    pub(super) directives: bool,
    pub(super) sections: bool,
    pub(super) lifetimes: bool,
    /// Whether a letter or two may stand before a quote.
    pub(super) prefixes: bool,
    /// Whether `-` is part of a word.
    dashes: bool,
    /// Whether capitals do not matter in words of the language.
    any_case: bool,
}

const PLAIN: Language = Language {
    names: "",
    manner: Manner::Words,
    line: &[],
    block: &[],
    quotes: &[],
    keywords: "",
    types: "",
    literals: "",
    variables: "",
    capitals: false,
    calls: false,
    bangs: false,
    keys: false,
    equals: false,
    decorators: false,
    attributes: false,
    directives: false,
    sections: false,
    lifetimes: false,
    prefixes: false,
    dashes: false,
    any_case: false,
};

/// What C and its many children have in common.
const BRACES: Language = Language {
    line: &["//"],
    block: &[("/*", "*/")],
    quotes: &[quote("\""), quote("'")],
    literals: "true false null",
    capitals: true,
    calls: true,
    decorators: true,
    ..PLAIN
};

/// What has `#` for a comment.
const HASH: Language = Language {
    line: &["#"],
    quotes: &[quote("\""), quote("'")],
    literals: "true false null",
    ..PLAIN
};

const JAVASCRIPT: &str = "as async await break case catch class const continue debugger default delete do else export \
    extends finally for from function get if import in instanceof let new of return set static switch throw try typeof \
    var void while with yield";

const LANGUAGES: &[Language] = &[
    Language {
        names: "rust rs",
        keywords: "as async await break const continue crate dyn else enum extern fn for if impl in let loop match mod move \
            mut pub ref return static struct super trait type unsafe use where while union",
        types: "bool char str u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64 Self",
        literals: "true false self None Some Ok Err",
        quotes: &[raw("r##\"", "\"##"), raw("r#\"", "\"#"), long("\""), quote("'")],
        bangs: true,
        attributes: true,
        lifetimes: true,
        prefixes: true,
        decorators: false,
        ..BRACES
    },
    Language {
        names: "python py python3 py3 ipython",
        keywords: "and as assert async await break case class continue def del elif else except finally for from global if \
            import in is lambda match nonlocal not or pass raise return try while with yield",
        types: "int float str bool list dict set tuple bytes object",
        literals: "True False None self cls",
        quotes: &[long("\"\"\""), long("'''"), quote("\""), quote("'")],
        capitals: true,
        calls: true,
        decorators: true,
        prefixes: true,
        ..HASH
    },
    Language {
        names: "javascript js jsx mjs cjs node",
        keywords: JAVASCRIPT,
        literals: "true false null undefined this super NaN Infinity",
        quotes: &[long("`"), quote("\""), quote("'")],
        ..BRACES
    },
    Language {
        names: "typescript ts tsx mts",
        keywords: "abstract as async await break case catch class const continue declare default delete do else enum export \
            extends finally for from function get if implements import in infer instanceof interface is keyof let \
            namespace new of private protected public readonly return satisfies set static switch throw try type typeof \
            var while yield",
        types: "any bigint boolean never number object string symbol unknown void",
        literals: "true false null undefined this super NaN Infinity",
        quotes: &[long("`"), quote("\""), quote("'")],
        ..BRACES
    },
    Language {
        names: "json json5 jsonc jsonl ndjson",
        line: &["//"],
        block: &[("/*", "*/")],
        quotes: &[quote("\"")],
        literals: "true false null",
        keys: true,
        ..PLAIN
    },
    Language {
        names: "c h",
        keywords: "auto break case const continue default do else enum extern for goto if inline register restrict return \
            sizeof static struct switch typedef union volatile while",
        types: "void char short int long float double signed unsigned bool size_t ssize_t int8_t int16_t int32_t int64_t \
            uint8_t uint16_t uint32_t uint64_t FILE",
        literals: "true false NULL nullptr",
        directives: true,
        decorators: false,
        ..BRACES
    },
    Language {
        names: "cpp c++ cc cxx hpp cuda arduino",
        keywords: "alignas alignof and asm auto break case catch class co_await co_return co_yield concept const consteval \
            constexpr const_cast continue decltype default delete do dynamic_cast else enum explicit export extern final \
            for friend goto if inline mutable namespace new noexcept not operator or override private protected public \
            reinterpret_cast requires return sizeof static static_cast struct switch template this throw try typedef \
            typename union using virtual volatile while",
        types: "void char short int long float double signed unsigned bool size_t string vector map set wchar_t int32_t \
            int64_t uint8_t uint32_t uint64_t",
        literals: "true false nullptr NULL",
        directives: true,
        decorators: false,
        ..BRACES
    },
    Language {
        names: "csharp cs c#",
        keywords: "abstract as async await base break case catch checked class const continue default delegate do else enum \
            event explicit extern finally fixed for foreach get goto if implicit in init interface internal is lock \
            namespace new operator out override params partial private protected public readonly record ref required \
            return sealed set sizeof static struct switch this throw try typeof unsafe using var virtual volatile when \
            where while yield",
        types: "bool byte char decimal double dynamic float int long object sbyte short string uint ulong ushort void",
        quotes: &[raw("\"\"\"", "\"\"\""), quote("\""), quote("'")],
        directives: true,
        decorators: false,
        ..BRACES
    },
    Language {
        names: "java",
        keywords: "abstract assert break case catch class const continue default do else enum extends final finally for if \
            implements import instanceof interface native new package permits private protected public record return \
            sealed static strictfp super switch synchronized this throw throws transient try var volatile while yield",
        types: "boolean byte char double float int long short void",
        quotes: &[long("\"\"\""), quote("\""), quote("'")],
        ..BRACES
    },
    Language {
        names: "kotlin kt kts",
        keywords: "abstract actual as break by catch class companion const constructor continue data do else enum expect \
            external final finally for fun get if import in infix init inline inner interface internal is lateinit \
            object open operator out override package private protected public reified return sealed set suspend super \
            tailrec this throw try typealias val var vararg when where while",
        quotes: &[long("\"\"\""), quote("\""), quote("'")],
        ..BRACES
    },
    Language {
        names: "swift",
        keywords: "actor as associatedtype async await break case catch class continue default defer deinit do else enum \
            extension fallthrough fileprivate final for func guard if import in init inout internal is lazy let mutating \
            nonisolated open operator override private protocol public repeat rethrows return some static struct \
            subscript super switch throw throws try typealias var weak where while",
        literals: "true false nil self Self",
        quotes: &[long("\"\"\""), quote("\"")],
        ..BRACES
    },
    Language {
        names: "go golang",
        keywords: "break case chan const continue default defer else fallthrough for func go goto if import interface map \
            package range return select struct switch type var",
        types: "any bool byte comparable complex64 complex128 error float32 float64 int int8 int16 int32 int64 rune string \
            uint uint8 uint16 uint32 uint64 uintptr",
        literals: "true false nil iota",
        quotes: &[raw("`", "`"), quote("\""), quote("'")],
        ..BRACES
    },
    Language {
        names: "dart",
        keywords: "abstract as assert async await break case catch class const continue default do dynamic else enum export \
            extends extension external factory final finally for get if implements import in interface is late library \
            mixin new on operator part required rethrow return sealed set show static super switch sync this throw try \
            typedef var when while with yield",
        types: "int double num bool void",
        quotes: &[long("'''"), long("\"\"\""), quote("\""), quote("'")],
        ..BRACES
    },
    Language {
        names: "scala sc",
        keywords: "abstract case catch class def do else enum export extends extension final finally for given if implicit \
            import inline lazy match new object open opaque override package private protected return sealed super then \
            this throw trait transparent try type using val var while with yield",
        quotes: &[raw("\"\"\"", "\"\"\""), quote("\""), quote("'")],
        ..BRACES
    },
    Language {
        names: "zig",
        keywords: "align allowzero and anyframe anytype asm async await break callconv catch comptime const continue defer \
            else enum errdefer error export extern fn for if inline noalias nosuspend opaque or orelse packed pub resume \
            return struct suspend switch test threadlocal try union unreachable usingnamespace var volatile while",
        types: "bool f32 f64 i8 i16 i32 i64 isize u8 u16 u32 u64 usize void type",
        literals: "true false null undefined",
        ..BRACES
    },
    Language {
        names: "php",
        line: &["//", "#"],
        keywords: "abstract and array as break case catch class clone const continue declare default do echo else elseif \
            empty enum extends final finally fn for foreach function global if implements include include_once \
            instanceof interface isset list match namespace new or print private protected public readonly require \
            require_once return static switch throw trait try unset use var while yield",
        types: "bool int float string void mixed object callable iterable self",
        variables: "$",
        decorators: false,
        ..BRACES
    },
    Language {
        names: "ruby rb",
        keywords: "alias and begin break case class def defined? do else elsif end ensure for if in module next not or redo \
            rescue retry return super then undef unless until when while yield require require_relative include extend \
            attr_reader attr_writer attr_accessor raise puts private protected public",
        literals: "true false nil self",
        quotes: &[long("\""), long("'"), long("`")],
        variables: "@$",
        capitals: true,
        calls: true,
        ..HASH
    },
    Language {
        names: "perl pl",
        keywords: "and cmp continue do else elsif eq for foreach ge gt if last le lt my ne next no not or our package print \
            redo require return say sub unless until use while xor",
        variables: "$@%",
        calls: true,
        ..HASH
    },
    Language {
        names: "shell sh bash zsh fish console shellsession terminal",
        keywords: "if then else elif fi for while until do done case esac in function select return exit break continue \
            local export readonly declare unset source alias set shift trap eval exec cd echo printf read test sudo",
        quotes: &[long("\""), raw("'", "'")],
        variables: "$",
        dashes: true,
        ..HASH
    },
    Language {
        names: "powershell ps1 pwsh",
        block: &[("<#", "#>")],
        keywords: "begin break catch class continue data do dynamicparam else elseif end enum exit filter finally for \
            foreach from function if in param process return switch throw trap try until using while",
        variables: "$",
        dashes: true,
        any_case: true,
        ..HASH
    },
    Language {
        names: "dockerfile docker containerfile",
        keywords: "FROM AS RUN CMD LABEL EXPOSE ENV ADD COPY ENTRYPOINT VOLUME USER WORKDIR ARG ONBUILD STOPSIGNAL \
            HEALTHCHECK SHELL",
        variables: "$",
        dashes: true,
        ..HASH
    },
    Language {
        names: "makefile make mk",
        keywords: "ifeq ifneq ifdef ifndef else endif include define endef export override",
        variables: "$",
        keys: true,
        equals: true,
        ..HASH
    },
    Language {
        names: "yaml yml",
        literals: "true false null yes no on off",
        variables: "&*",
        keys: true,
        dashes: true,
        quotes: &[quote("\""), raw("'", "'")],
        ..HASH
    },
    Language {
        names: "toml ini cfg conf properties env dotenv editorconfig",
        line: &["#", ";"],
        quotes: &[long("\"\"\""), raw("'''", "'''"), quote("\""), quote("'")],
        keys: true,
        equals: true,
        sections: true,
        dashes: true,
        ..HASH
    },
    Language {
        names: "nix",
        block: &[("/*", "*/")],
        keywords: "let in with rec inherit if then else assert import or",
        quotes: &[raw("''", "''"), long("\"")],
        keys: true,
        equals: true,
        dashes: true,
        ..HASH
    },
    Language {
        names: "hcl terraform tf",
        line: &["#", "//"],
        block: &[("/*", "*/")],
        keywords: "resource data variable output module provider terraform locals for in if else",
        keys: true,
        equals: true,
        calls: true,
        ..HASH
    },
    Language {
        names: "r rscript",
        keywords: "break else for function if in next repeat return while library require",
        literals: "TRUE FALSE NULL NA NaN Inf",
        calls: true,
        ..HASH
    },
    Language {
        names: "julia jl",
        block: &[("#=", "=#")],
        keywords: "abstract baremodule begin break catch const continue do else elseif end export finally for function \
            global if import in let local macro module mutable quote return struct try using where while",
        literals: "true false nothing missing Inf NaN",
        quotes: &[long("\"\"\""), quote("\"")],
        capitals: true,
        calls: true,
        decorators: true,
        ..HASH
    },
    Language {
        names: "elixir ex exs",
        keywords: "after alias and case catch cond def defmacro defmodule defp defstruct do else end fn for if import in \
            not or quote raise receive require rescue try unless unquote use when with",
        literals: "true false nil",
        quotes: &[long("\"\"\""), quote("\""), quote("'")],
        capitals: true,
        calls: true,
        decorators: true,
        ..HASH
    },
    Language {
        names: "graphql gql",
        keywords: "query mutation subscription fragment on type input enum interface union scalar schema extend implements \
            directive",
        quotes: &[long("\"\"\""), quote("\"")],
        variables: "$",
        capitals: true,
        decorators: true,
        ..HASH
    },
    Language {
        names: "protobuf proto",
        keywords: "enum extend import message oneof option optional package repeated required reserved returns rpc service \
            stream syntax map",
        types: "bool bytes double fixed32 fixed64 float int32 int64 sint32 sint64 string uint32 uint64",
        decorators: false,
        ..BRACES
    },
    Language {
        names: "css scss sass less",
        line: &["//"],
        block: &[("/*", "*/")],
        quotes: &[quote("\""), quote("'")],
        keywords: "important inherit initial unset none auto",
        variables: "$",
        calls: true,
        keys: true,
        dashes: true,
        decorators: true,
        ..PLAIN
    },
    Language {
        names: "sql mysql postgresql postgres psql sqlite plsql tsql",
        line: &["--"],
        block: &[("/*", "*/")],
        quotes: &[raw("'", "'"), raw("\"", "\""), raw("`", "`")],
        keywords: "add all alter analyze and as asc begin between by cascade case check column commit constraint create \
            cross database default delete desc distinct drop else end except exists explain foreign from full grant \
            group having if in index inner insert intersect into is join key left like limit not offset on or order \
            outer over partition primary references returning right rollback select set table then to transaction \
            trigger truncate union unique update using values view when where with",
        types: "bigint blob boolean char date decimal double float int integer json jsonb numeric real serial smallint \
            text time timestamp timestamptz uuid varchar",
        literals: "true false null",
        calls: true,
        any_case: true,
        ..PLAIN
    },
    Language {
        names: "lua",
        line: &["--"],
        block: &[("--[[", "]]")],
        quotes: &[raw("[[", "]]"), quote("\""), quote("'")],
        keywords: "and break do else elseif end for function goto if in local not or repeat return then until while",
        literals: "true false nil self",
        calls: true,
        ..PLAIN
    },
    Language {
        names: "haskell hs elm purescript",
        line: &["--"],
        block: &[("{-", "-}")],
        quotes: &[quote("\"")],
        keywords: "as case class data deriving do else forall hiding if import in infix infixl infixr instance let module \
            newtype of qualified then type where",
        capitals: true,
        ..PLAIN
    },
    Language {
        names: "ocaml ml fsharp fs f#",
        line: &["//"],
        block: &[("(*", "*)")],
        quotes: &[long("\"\"\""), quote("\"")],
        keywords: "and as assert begin class constraint do done downto else end exception external for fun function functor \
            if in include inherit lazy let match member method module mutable new object of open or private rec sig \
            struct then to try type val virtual when while with yield",
        literals: "true false None Some",
        capitals: true,
        ..PLAIN
    },
    Language {
        names: "clojure clj lisp scheme racket elisp emacs-lisp",
        line: &[";"],
        quotes: &[long("\"")],
        keywords: "def defn defmacro defun define lambda let if cond when fn do loop recur ns require import setq progn",
        literals: "nil true false t",
        dashes: true,
        ..PLAIN
    },
    Language {
        names: "latex tex bibtex",
        line: &["%"],
        variables: "\\",
        ..PLAIN
    },
    Language {
        names: "html htm xml svg xhtml vue svelte astro rss plist xaml",
        manner: Manner::Tags,
        ..PLAIN
    },
    Language {
        names: "diff patch",
        manner: Manner::Lines,
        ..PLAIN
    },
];

/// The language of this name, whatever its capitals.
pub(super) fn language(name: &str) -> Option<&'static Language> {
    let name = name.to_ascii_lowercase();
    LANGUAGES.iter().find(|language| has(language.names, &name))
}

fn has(words: &str, word: &str) -> bool {
    !word.is_empty() && words.split_ascii_whitespace().any(|one| one == word)
}

impl Language {
    /// Whether a word is in one of the language's lists.
    pub(super) fn is_in(&self, words: &str, word: &str) -> bool {
        if self.any_case {
            return words
                .split_ascii_whitespace()
                .any(|one| one.eq_ignore_ascii_case(word));
        }
        has(words, word)
    }

    /// Whether a word may begin with this.
    pub(super) fn is_word_start(&self, c: char) -> bool {
        c.is_alphabetic() || c == '_' || (self.dashes && c == '-')
    }

    /// Whether a word may go on with this.
    pub(super) fn is_word(&self, c: char) -> bool {
        is_word(c) || (self.dashes && c == '-')
    }
}
