// What is inside of the executable besides baton's own code and its npm dependencies, and under which licences.
//
// Bun's part follows the list in its own LICENSE.md, version 1.4.5; what is only in its Windows build is left out.

/** A full text in licenses/, named as SPDX does where it knows the licence. */
export type LicenceText =
  | "Apache-2.0"
  | "BSD-2-Clause"
  | "BSD-3-Clause"
  | "BSD-UCB"
  | "IJG"
  | "ISC"
  | "LGPL-2.0"
  | "LGPL-2.1"
  | "MIT"
  | "OpenSSL"
  | "Zlib"
  | "glibc";

export interface Bundled {
  name: string;
  source: string;
  copyright: string;
  licences: readonly LicenceText[];
  /** What the licence names alone do not say. */
  remark?: string;
}

/** Inside of every executable. */
export const BUN: readonly Bundled[] = [
  part("Bun", "https://github.com/oven-sh/bun", "Oven and the Bun contributors", ["MIT"]),
  part(
    "JavaScriptCore and other parts of WebKit, patched",
    "https://github.com/oven-sh/webkit",
    "Apple Inc. and the WebKit contributors",
    ["LGPL-2.0", "BSD-2-Clause"],
  ),
  part("TinyCC", "https://github.com/tinycc/tinycc", "2003 Fabrice Bellard and others", ["LGPL-2.1"]),
  {
    ...part(
      "BoringSSL",
      "https://boringssl.googlesource.com/boringssl",
      "the OpenSSL and BoringSSL authors",
      [
        "Apache-2.0",
        "OpenSSL",
        "ISC",
        "MIT",
      ],
    ),
    remark: "newer files Apache-2.0, older ones OpenSSL or ISC, third_party/fiat MIT",
  },
  part("Brotli", "https://github.com/google/brotli", "2009, 2010, 2013-2016 the Brotli authors", ["MIT"]),
  part("libarchive", "https://github.com/libarchive/libarchive", "2003-2018 Tim Kientzle and others", [
    "BSD-2-Clause",
    "BSD-UCB",
    "Apache-2.0",
    "MIT",
  ]),
  part("lol-html", "https://github.com/cloudflare/lol-html", "2019 Cloudflare, Inc., Ivan Nikulin", [
    "BSD-3-Clause",
  ]),
  part("ls-hpack", "https://github.com/litespeedtech/ls-hpack", "2018 LiteSpeed Technologies Inc", ["MIT"]),
  part("ls-qpack", "https://github.com/litespeedtech/ls-qpack", "LiteSpeed Technologies Inc", ["MIT"]),
  {
    ...part("lsquic", "https://github.com/litespeedtech/lsquic", "2017-2018 LiteSpeed Technologies Inc", [
      "MIT",
      "BSD-3-Clause",
    ]),
    remark: "parts of Chromium's proto-quic, copyright the Chromium authors, are BSD-3-Clause",
  },
  part("mimalloc", "https://github.com/microsoft/mimalloc", "2018-2025 Microsoft Corporation, Daan Leijen", [
    "MIT",
  ]),
  {
    ...part(
      "picohttpparser",
      "https://github.com/h2o/picohttpparser",
      "2009-2014 Kazuho Oku, Tokuhiro Matsuno, Daisuke Murase",
      ["MIT"],
    ),
    remark: "or, by choice, the Perl licence",
  },
  {
    ...part("zstd", "https://github.com/facebook/zstd", "Meta Platforms, Inc. and affiliates", [
      "BSD-3-Clause",
    ]),
    remark: "or, by choice, GPL-2.0",
  },
  part("simdutf", "https://github.com/simdutf/simdutf", "the simdutf authors", ["Apache-2.0"]),
  part("uSockets", "https://github.com/uNetworking/uSockets", "Alex Hultman and contributors", [
    "Apache-2.0",
  ]),
  part(
    "uWebSockets, a fork",
    "https://github.com/jarred-sumner/uwebsockets",
    "Alex Hultman and contributors",
    [
      "Apache-2.0",
    ],
  ),
  part("zlib-ng", "https://github.com/zlib-ng/zlib-ng", "1995-2025 Jean-loup Gailly and Mark Adler", [
    "Zlib",
  ]),
  {
    ...part("c-ares", "https://github.com/c-ares/c-ares", "1998 MIT; 2007-2025 Daniel Stenberg and others", [
      "MIT",
      "ISC",
    ]),
    remark: "some files copyright 1996 by Internet Software Consortium, ISC",
  },
  {
    ...part("ICU", "https://github.com/unicode-org/icu", "1991-2024 Unicode, Inc.", ["MIT"]),
    remark: "the Unicode licence, whose terms are those of MIT",
  },
  part(
    "base64",
    "https://github.com/aklomp/base64",
    "2005-2007 Nick Galbreath; 2015-2017 Wojciech Mula; 2016-2017 Matthieu Darbois; 2013-2022 Alfred Klomp",
    ["BSD-2-Clause"],
  ),
  part("libdeflate", "https://github.com/ebiggers/libdeflate", "2016 Eric Biggers", ["MIT"]),
  {
    ...part(
      "libjpeg-turbo",
      "https://github.com/libjpeg-turbo/libjpeg-turbo",
      "1991-2020 Thomas G. Lane, Guido Vollbeding; 2009-2024 D. R. Commander; 1999-2006 MIYASAKA Masaru",
      ["BSD-3-Clause", "IJG", "Zlib"],
    ),
    remark: "this software is based in part on the work of the Independent JPEG Group",
  },
  part("libspng", "https://github.com/randy408/libspng", "2018-2021 Randy", ["BSD-2-Clause"]),
  part("libwebp", "https://github.com/webmproject/libwebp", "2010 Google Inc.", ["BSD-3-Clause"]),
  part("Highway", "https://github.com/google/highway", "2019-2025 Google LLC", ["Apache-2.0"]),
  part("uucode", "https://github.com/jacobsandlund/uucode", "Jacob Sandlund and contributors", ["MIT"]),
  part(
    "parts of TigerBeetle's I/O code",
    "https://github.com/tigerbeetle/tigerbeetle",
    "the TigerBeetle authors",
    [
      "Apache-2.0",
    ],
  ),
  {
    ...part(
      "__cxa_thread_atexit of libc++abi, and the C++ runtime",
      "https://github.com/llvm/llvm-project",
      "the LLVM contributors",
      ["Apache-2.0"],
    ),
    remark: "with the LLVM exception: the terms do not reach a program by being compiled into it",
  },
  part(
    "polyfills of Node.js modules (acorn, acorn-walk, assert, browserify-zlib, buffer, constants-browserify, " +
      "crypto-browserify, domain-browser, events, https-browserify, os-browserify, path-browserify, process, " +
      "punycode, querystring-es3, stream-browserify, stream-http, string_decoder, timers-browserify, " +
      "tty-browserify, url, util, vm-browserify)",
    "https://www.npmjs.com",
    "the authors of each package",
    ["MIT"],
  ),
];

/** Only inside of the static executables. */
export const STATIC: readonly Bundled[] = [
  {
    ...part(
      "GNU C Library",
      "https://sourceware.org/git/glibc.git",
      "1991-2022 Free Software Foundation, Inc.",
      [
        "LGPL-2.1",
        "glibc",
      ],
    ),
    remark:
      "version 2.36 as Debian builds it, with start-up code under the same licence or an exception to it",
  },
];

function part(name: string, source: string, copyright: string, licences: readonly LicenceText[]): Bundled {
  return { name, source, copyright, licences };
}
