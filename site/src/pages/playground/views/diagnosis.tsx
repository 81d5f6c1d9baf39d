// How the gradient fares from layer to layer, and what that means.

import { useEffect, useRef, useState } from "preact/hooks";
import { Chart } from "../../../ui/chart";
import { explain } from "../explain";
import { digits, power } from "../format";
import type { Playground } from "../playground";
import type { Report } from "../protocol";
import { of, useFrames } from "./use";

/** Smaller ones, and those that are 0, leave a gap. */
const LEAST = 1e-30;
/** Share of the training points on the right side (or R²) above which faint gradients are no fault. */
const LEARNED = 0.99;

function GradientChart({ report }: { report: Report }) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<Chart | undefined>(undefined);
  useEffect(() => {
    chart.current = new Chart(of(box), {
      height: 150, log: true, categories: true,
      lines: [
        { label: "gradient of the weights", colour: ({ low }) => low, bars: true },
        { label: "gradient of the outputs", colour: ({ high }) => high },
      ],
      range: (low, high) => [10 ** Math.floor(Math.log10(low) - 0.3), 10 ** Math.ceil(Math.log10(high) + 0.1)],
      xLabel: (layer) => (Number.isInteger(layer) ? String(layer) : ""),
      yLabel: power,
    });
    return () => chart.current!.dispose();
  }, []);
  useEffect(() => {
    const drawn = (value: number) => (value > LEAST ? value : null);
    chart.current!.columns = [report.layers.map((_, l) => l + 1), report.layers.map(({ gradientNorm }) => drawn(gradientNorm)), report.layers.map(({ outputGradientNorm }) => drawn(outputGradientNorm))];
  }, [report]);
  return <div ref={box} role="img" aria-label="Size of the gradient of the weights and of the outputs of each layer, on a logarithmic scale; the table below has the numbers" />;
}

const share = (value: number | undefined): string => (value === undefined ? "" : `${Math.round(100 * value)} %`);
const number = (value: number | undefined): string => (value === undefined ? "" : digits(value));

function LayerTable({ report }: { report: Report }) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Numbers by layer">
      <table>
        <thead>
          <tr>
            <th scope="col">Layer</th>
            <th scope="col">‖∂loss/∂W‖</th>
            <th scope="col">‖∂loss/∂a‖</th>
            <th scope="col">slope f′</th>
            <th scope="col">saturated</th>
            <th scope="col">dead</th>
            <th scope="col">‖W‖</th>
            <th scope="col">a step, ‖ΔW‖ ÷ ‖W‖</th>
          </tr>
        </thead>
        <tbody>
          {report.layers.map((layer, l) => (
            <tr key={l}>
              <th scope="row">
                {l + 1} <span class="quiet-text">{layer.label}</span>
              </th>
              <td>{number(layer.gradientNorm)}</td>
              <td>{number(layer.outputGradientNorm)}</td>
              <td>{number(layer.slope)}</td>
              <td>{share(layer.saturated)}</td>
              <td>{share(layer.dead)}</td>
              <td>{number(layer.weightNorm)}</td>
              <td>{number(layer.updateRatio)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function Diagnosis({ playground }: { playground: Playground }) {
  const [seen, setSeen] = useState<{ report: Report; learned: boolean }>();
  useFrames(playground, ({ report, train }) => report && setSeen({ report, learned: train.accuracy > LEARNED }));
  const report = seen?.report;
  const explanation = seen && explain(seen.report, playground.state, seen.learned);
  return (
    <section class="diagnosis" aria-labelledby="diagnosis-title">
      <h2 id="diagnosis-title">Does the gradient arrive?</h2>
      {report && explanation && (
        <>
          <div class="explanation" aria-live="polite" aria-atomic="true">
            <h3>{explanation.title}</h3>
          </div>
          <p class="explanation-text">{explanation.text}</p>
          <div class="remedies">
            {explanation.remedies.map(({ label, patch }) => (
              <button type="button" key={label} onClick={() => playground.update(patch)}>
                {label}
              </button>
            ))}
          </div>
          <p class="legend">
            <span class="key bar">weights of a layer, ‖∂loss/∂W‖</span> <span class="key high">outputs of a layer, ‖∂loss/∂a‖</span>
          </p>
          <GradientChart report={report} />
          <details>
            <summary>Numbers by layer</summary>
            <p class="verdict">
              <code>network.diagnose(x, y).verdict</code>: {report.verdict}
            </p>
            <LayerTable report={report} />
          </details>
        </>
      )}
    </section>
  );
}
