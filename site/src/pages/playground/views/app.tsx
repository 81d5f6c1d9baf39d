// The page: what is chosen on the left, what comes of it on the right.

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Playground } from "../playground";
import { Curves } from "./curves";
import { DataSettings } from "./data-settings";
import { Diagnosis } from "./diagnosis";
import { ExportPanel } from "./export-panel";
import { Lessons } from "./lessons";
import { NetworkSettings } from "./network-settings";
import { NetworkView } from "./network-view";
import { Output } from "./output";
import { RunBar } from "./run-bar";
import { TrainingSettings } from "./training-settings";
import { useChanges } from "./use";

/** Open on wide screens; on narrow ones the settings would push all else out of sight. */
function Group({ title, children }: { title: string; children: ComponentChildren }) {
  const [open, setOpen] = useState(() => matchMedia("(min-width: 64rem)").matches);
  return (
    <details class="settings-group" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <h2>{title}</h2>
      </summary>
      <div class="settings-body">{children}</div>
    </details>
  );
}

export function App({ playground }: { playground: Playground }) {
  useChanges(playground);
  const { failure, notice } = playground;
  return (
    <div class="playground">
      <h1 class="unseen">Playground</h1>
      <RunBar playground={playground} />
      {failure && (
        <p class="failure" role="alert">
          {failure}
        </p>
      )}
      {notice && (
        <p class="notice" role="status">
          {notice}
        </p>
      )}
      <div class="result">
        <Output playground={playground} />
        <Curves playground={playground} />
      </div>
      <div class="settings">
        <Group title="Data"><DataSettings playground={playground} /></Group>
        <Group title="Network"><NetworkSettings playground={playground} /></Group>
        <Group title="Training"><TrainingSettings playground={playground} /></Group>
      </div>
      <div class="stage">
        <NetworkView playground={playground} />
        <Diagnosis playground={playground} />
        <ExportPanel playground={playground} />
      </div>
      <Lessons />
    </div>
  );
}
