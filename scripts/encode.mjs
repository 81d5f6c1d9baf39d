// Bytes as printable text that gzip still sees through; the inverse is `decode` in src/wasm.ts, where the letters are described.

const letters = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).filter((letter) => !'"$\\`'.includes(letter));

export function encode(bytes) {
  let text = "";
  for (const byte of bytes) {
    const number = (byte + 3) & 255;
    text += number < 89 ? letters[number] : letters[88 + Math.floor(number / 89)] + letters[number % 89];
  }
  return text;
}
