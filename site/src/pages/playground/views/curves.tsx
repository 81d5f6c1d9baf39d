// Loss and accuracy over the epochs.

import { useEffect, useRef } from "preact/hooks";
import { Chart } from "../../../ui/chart";
import { digits, power } from "../format";
import type { Column } from "../history";
import type { Playground } from "../playground";
import { of, useFrames } from "./use";

/** Frames between two paintings while the curves grow. */
const EVERY = 4;

interface CurveProps {
  playground: Playground;
  title: string;
  label: string;
  train: Column;
  test: Column;
  log?: boolean;
}

function Curve({ playground, title, label, train, test, log = false }: CurveProps) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<Chart | undefined>(undefined);
  const count = useRef(0);
  const show = () => {
    const { columns } = playground.history;
    // A logarithm knows no 0.
    const positive = (values: readonly number[]) => (log ? values.map((value) => Math.max(value, 1e-14)) : values);
    chart.current!.columns = [columns.epoch, positive(columns[train]), positive(columns[test])];
  };
  useEffect(() => {
    chart.current = new Chart(of(box), {
      height: 132, log,
      lines: [{ label: "train", colour: ({ ink }) => ink }, { label: "test", colour: ({ high }) => high, dashed: true }],
      range: log ? undefined : (low, high) => [Math.max(-1, Math.min(0.5, low)), Math.max(1, high)],
      xLabel: (epoch) => (epoch >= 1000 ? `${digits(epoch / 1000)} k` : String(epoch)),
      yLabel: power,
    });
    show();
    return () => chart.current!.dispose();
  }, [log]);
  useFrames(playground, () => {
    if (!playground.playing || count.current++ % EVERY === 0) show();
  });
  useEffect(show);
  return (
    <figure class="curve">
      <figcaption>{title}</figcaption>
      <div ref={box} role="img" aria-label={label} />
    </figure>
  );
}

export function Curves({ playground }: { playground: Playground }) {
  const regression = playground.data.classes === undefined;
  const measure = regression ? "R²" : "Accuracy";
  return (
    <section class="curves" aria-label="Curves">
      <p class="legend">
        <span class="key solid">train</span> <span class="key dashed">test</span>
      </p>
      <Curve playground={playground} title="Loss" label="Loss on the train and test points by epoch, on a logarithmic scale" train="trainLoss" test="testLoss" log />
      <Curve playground={playground} title={measure} label={`${measure} on the train and test points by epoch`} train="trainAccuracy" test="testAccuracy" />
    </section>
  );
}
