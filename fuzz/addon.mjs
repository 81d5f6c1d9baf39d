// jazzer.js brings its addon ready built, for glibc 2.38 and libstdc++ 13. All it takes from them are two spellings of strtol and a hook; where the system is
// older (Debian 12), they come from a shim that the C++ compiler there makes, and the addon is told that the versions may be missing.

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

const NEWER = ["GLIBC_2.38", "GLIBCXX_3.4.32"];
const SHIM = `#include <iostream> // which makes the streams ready, as the hook would
extern "C" {
long plain(const char*, char**, int) __asm__("strtol");
unsigned long unsignedPlain(const char*, char**, int) __asm__("strtoul");
long __isoc23_strtol(const char* text, char** end, int base) { return plain(text, end, base); }
unsigned long __isoc23_strtoul(const char* text, char** end, int base) { return unsignedPlain(text, end, base); }
void _ZSt21ios_base_library_initv() {}
}
`;

/** The environment in which the addon loads. */
export function addonEnvironment(folder, build) {
  if (process.platform !== "linux") return {};
  const [major, minor] = process.report.getReport().header.glibcVersionRuntime?.split(".").map(Number) ?? [];
  if (major === undefined || major > 2 || minor >= 38) return {};
  const addon = path.join(folder, `node_modules/@jazzer.js/fuzzer/prebuilds/fuzzer-linux-${process.arch}.node`);
  const bytes = readFileSync(addon);
  if (weaken(bytes)) writeFileSync(addon, bytes);
  const shim = path.join(build, "shim.so");
  try {
    execFileSync("c++", ["-shared", "-fPIC", "-O1", "-x", "c++", "-", "-o", shim], { input: SHIM, stdio: ["pipe", "inherit", "inherit"] });
  } catch (error) {
    throw new Error(`fuzz: glibc must be 2.38 or newer, or a C++ compiler be there, got glibc ${major}.${minor} and ${error.message}`);
  }
  return { LD_PRELOAD: shim };
}

/** Marks the versions among the addon's needs as weak (System V ABI, Linux Standard Base, symbol versioning). True if something changed. */
function weaken(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const u16 = (at) => view.getUint16(at, true);
  const u32 = (at) => view.getUint32(at, true);
  const sections = Number(view.getBigUint64(40, true));
  const section = (i) => {
    const at = sections + i * u16(58);
    return { type: u32(at + 4), offset: Number(view.getBigUint64(at + 24, true)), link: u32(at + 40), info: u32(at + 44) };
  };
  let changed = false;
  for (let i = 0; i < u16(60); i++) {
    const { type, offset, link, info } = section(i);
    if (type !== 0x6ffffffe) continue;
    const names = section(link).offset;
    for (let file = offset, left = info; left > 0; left--, file += u32(file + 12)) {
      for (let need = file + u32(file + 8), more = u16(file + 2); more > 0; more--, need += u32(need + 12)) {
        const from = names + u32(need + 8);
        if (!NEWER.includes(bytes.toString("latin1", from, bytes.indexOf(0, from))) || u16(need + 4) & 2) continue;
        view.setUint16(need + 4, u16(need + 4) | 2, true);
        changed = true;
      }
    }
  }
  return changed;
}
