// Numbers for people.

const raised = (exponent: number): string => `${exponent < 0 ? "⁻" : ""}${[...String(Math.abs(exponent))].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)]).join("")}`;

/** Three significant digits, without a run of zeros. */
export function digits(value: number, significant = 3): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) {
    const [mantissa, exponent] = value.toExponential(significant - 1).split("e");
    return `${mantissa} · 10${raised(Number(exponent))}`;
  }
  return size >= 1000 ? whole(value) : String(Number(value.toPrecision(significant)));
}

export const whole = (value: number): string => Math.round(value).toLocaleString("en");

export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** "10⁻⁵" for powers of ten, plain where that is short. */
export const power = (value: number): string => (value >= 1e-3 && value < 1e4 ? String(Number(value.toPrecision(3))) : `10${raised(Math.round(Math.log10(value)))}`);
