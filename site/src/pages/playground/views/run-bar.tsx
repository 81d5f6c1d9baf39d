// Start, step, reset; the seed; and how far and how fast it goes.

import { digits, whole } from "../format";
import type { Playground } from "../playground";
import { Figure } from "./figures";

const icons = {
  play: "M4 2.5v15l13-7.5z",
  pause: "M4 3h4v14H4zM12 3h4v14h-4z",
  step: "M3 3v14l9-7zM14 3h3v14h-3z",
  reset: "M10 3a7 7 0 1 1-6.6 4.7l1.9.7A5 5 0 1 0 10 5v3L5.5 4 10 0z",
  dice: "M4 2h12a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2V4a2 2 0 0 1 2-2zm2.5 3A1.5 1.5 0 1 0 6.5 8a1.5 1.5 0 0 0 0-3zm7 7a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3zM10 8.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3z",
};

export function Icon({ name }: { name: keyof typeof icons }) {
  return (
    <svg viewBox="0 0 20 20" aria-hidden="true">
      <path d={icons[name]} />
    </svg>
  );
}

export function RunBar({ playground }: { playground: Playground }) {
  const { playing, state } = playground;
  return (
    <section class="run" aria-label="Training">
      <div class="run-buttons">
        <button type="button" class="main play" onClick={() => playground.toggle()}>
          <Icon name={playing ? "pause" : "play"} />
          {playing ? "Pause" : "Train"}
        </button>
        <button type="button" onClick={() => playground.step()} title="One epoch: each training point once">
          <Icon name="step" />
          Step
        </button>
        <button type="button" onClick={() => playground.reset()} title="Back to the first weights">
          <Icon name="reset" />
          Reset
        </button>
      </div>
      <div class="seed">
        <label for="seed">Seed</label>
        <input
          id="seed" type="number" inputMode="numeric" min={0} max={0xffffffff} step={1} value={state.seed}
          onChange={(event) => {
            const { valueAsNumber: seed } = event.currentTarget;
            if (event.currentTarget.checkValidity() && Number.isInteger(seed)) playground.update({ seed });
            else event.currentTarget.value = String(state.seed);
          }}
        />
        <button type="button" class="quiet" aria-label="Draw another seed" title="Draw another seed" onClick={() => playground.update({ seed: Math.floor(Math.random() * 1e6) })}>
          <Icon name="dice" />
        </button>
      </div>
      <dl class="figures">
        <div>
          <dt>Epoch</dt>
          <dd><Figure playground={playground} of={({ epoch }) => whole(epoch)} /></dd>
        </div>
        <div>
          <dt>Steps a second</dt>
          <dd><Figure playground={playground} of={({ stepTime }) => (stepTime > 0 ? whole(1e6 / stepTime) : "–")} /></dd>
        </div>
        <div>
          <dt>A step</dt>
          <dd><Figure playground={playground} of={({ stepTime }) => (stepTime > 0 ? `${digits(stepTime)} µs` : "–")} /></dd>
        </div>
      </dl>
    </section>
  );
}
