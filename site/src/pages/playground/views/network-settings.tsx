// What learns: depth, width, activations, and what helps deep networks.

import { Check, Range, Select } from "../../../ui/controls";
import { activationTable, choices, initTable, normTable, penaltyTable, type ActivationChoice } from "../options";
import { MOST_LAYERS, MOST_UNITS, withDepth, withEveryLayer, withLayer } from "../state";
import type { Playground } from "../playground";

/** Of all, or undefined where they differ. */
const common = <T,>(values: readonly T[]): T | undefined => (values.every((value) => value === values[0]) ? values[0] : undefined);

export function NetworkSettings({ playground }: { playground: Playground }) {
  const { state } = playground;
  const { layers, skip, norm, dropout, init, penalty, penaltyRate } = state;
  const units = common(layers.map((layer) => layer.units));
  const activation = common(layers.map((layer) => layer.activation));
  const activations = choices(activationTable);
  return (
    <>
      <Range label="Hidden layers" value={layers.length} least={0} most={MOST_LAYERS} change={(depth) => playground.update(withDepth(state, depth))} />
      {layers.length > 0 && (
        <>
          <Range
            label="Units in each" value={units ?? Math.max(...layers.map((layer) => layer.units))} least={1} most={MOST_UNITS} show={(value) => (units === undefined ? "mixed" : String(value))}
            change={(value) => playground.update(withEveryLayer(state, { units: value }))}
          />
          <Select
            label="Activation" value={activation ?? ""} options={activation ? activations : [{ value: "", label: "mixed" }, ...activations]}
            change={(value) => value && playground.update(withEveryLayer(state, { activation: value as ActivationChoice }))}
          />
          <details class="by-layer">
            <summary>Layer by layer</summary>
            <ol>
              {layers.map((layer, l) => (
                <li key={l}>
                  <span aria-hidden="true">{l + 1}</span>
                  <input
                    type="number" aria-label={`Units of layer ${l + 1}`} min={1} max={MOST_UNITS} value={layer.units}
                    onChange={(event) => {
                      const { valueAsNumber: value } = event.currentTarget;
                      if (event.currentTarget.checkValidity() && Number.isInteger(value)) playground.update(withLayer(state, l, { units: value }));
                      else event.currentTarget.value = String(layer.units);
                    }}
                  />
                  <select
                    aria-label={`Activation of layer ${l + 1}`} value={layer.activation}
                    onChange={(event) => playground.update(withLayer(state, l, { activation: event.currentTarget.value as ActivationChoice }))}
                  >
                    {activations.map(({ value, label }) => (
                      <option key={value} value={value}>{label}</option>
                    ))}
                  </select>
                  <button type="button" class="quiet" aria-label={`Remove layer ${l + 1}`} onClick={() => playground.update({ layers: layers.filter((_, other) => other !== l) })}>
                    ×
                  </button>
                </li>
              ))}
            </ol>
          </details>
          <Check checked={skip} change={(value) => playground.update({ skip: value })}>Residual, y = x + f(x)</Check>
          <Select label="Normalisation" value={norm} options={choices(normTable)} change={(value) => playground.update({ norm: value })} />
          <Range label="Dropout" value={dropout} least={0} most={0.8} step={0.05} show={(value) => `${Math.round(100 * value)} %`} change={(value) => playground.update({ dropout: value })} />
        </>
      )}
      <Select label="First weights" value={init} options={choices(initTable)} change={(value) => playground.update({ init: value })} />
      <Select label="Penalty" value={penalty} options={choices(penaltyTable)} change={(value) => playground.update({ penalty: value })} />
      {penalty !== "none" && (
        <Select
          label="Penalty rate" value={String(penaltyRate)} options={rates([0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1], penaltyRate)}
          change={(value) => playground.update({ penaltyRate: Number(value) })}
        />
      )}
    </>
  );
}

/** Numbers to choose among, the present one with them. */
export function rates(usual: readonly number[], present: number): { value: string; label: string }[] {
  return [...new Set([...usual, present])].sort((a, b) => a - b).map((rate) => ({ value: String(rate), label: String(rate) }));
}
