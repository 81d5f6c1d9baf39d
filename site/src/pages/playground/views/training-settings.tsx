// How it learns: loss, optimizer, rate, schedule, batch.

import { NumberField, Range, Select } from "../../../ui/controls";
import { choices, lossTable, optimizerTable, scheduleTable, type LossChoice } from "../options";
import { withOptimizer } from "../state";
import type { Playground } from "../playground";
import { rates } from "./network-settings";

const usualRates = [0.00001, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10];

export function TrainingSettings({ playground }: { playground: Playground }) {
  const { state, data } = playground;
  const kind = data.classes === undefined ? "numbers" : data.classes === 2 ? "two" : "many";
  const losses = choices<LossChoice>(lossTable).filter(({ value }) => (lossTable[value].goesWith as readonly string[]).includes(kind));
  const { whole } = optimizerTable[state.optimizer];
  return (
    <>
      <Select label="Loss" value={state.loss} options={losses} change={(loss) => playground.update({ loss })} />
      <Select label="Optimizer" value={state.optimizer} options={choices(optimizerTable)} change={(optimizer) => playground.update(withOptimizer(optimizer))} />
      <Select label="Learning rate" value={String(state.rate)} options={rates(usualRates, state.rate)} change={(rate) => playground.update({ rate: Number(rate) })} />
      <Select label="Schedule" value={state.schedule} options={choices(scheduleTable)} change={(schedule) => playground.update({ schedule })} />
      {state.schedule !== "constant" && <NumberField label="Steps it takes" value={state.span} least={20} most={10_000_000} change={(span) => playground.update({ span })} />}
      {!whole && (
        <Range
          label="Batch" value={Math.min(7, Math.round(Math.log2(state.batch)))} least={0} most={7} show={() => String(state.batch)}
          change={(exponent) => playground.update({ batch: 2 ** exponent })}
        />
      )}
    </>
  );
}
