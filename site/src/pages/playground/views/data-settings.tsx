// What is learned: data, noise, shares, features.

import { useEffect, useRef } from "preact/hooks";
import { keepPainted, prepare } from "../../../ui/canvas";
import { Range } from "../../../ui/controls";
import { dataTable, generate, REACH, type DataId, type DataSet } from "../data";
import { featuresOf, featureTable, grid, type FeatureId } from "../features";
import { paintOutput, paintPoints, ramps } from "../painting";
import type { Playground } from "../playground";
import { OwnData } from "./own-data";
import { of } from "./use";

function Thumbnail({ data }: { data: DataSet }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => keepPainted(of(canvas), (width, height) => paintPoints(data, false, width, prepare(of(canvas), width, height))), [data]);
  return <canvas ref={canvas} />;
}

function FeaturePicture({ id }: { id: FeatureId }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => keepPainted(of(canvas), () => {
    const values = featuresOf(grid(24, REACH), [id]);
    const scale = 1 / values.reduce((greatest, value) => Math.max(greatest, Math.abs(value)), 0);
    paintOutput({ size: 24, values: values.map((value) => value * scale), winners: undefined }, ramps(), false, of(canvas), 72);
  }), [id]);
  return <canvas ref={canvas} />;
}

const samples = Object.fromEntries((Object.keys(dataTable) as DataId[]).map((id) => [id, generate(id, 160, 0.08, 0.99, 3)])) as Record<DataId, DataSet>;

export function DataSettings({ playground }: { playground: Playground }) {
  const { state } = playground;
  const { data, features, noise, share, count } = state;
  const ids = Object.keys(dataTable) as DataId[];
  return (
    <>
      <fieldset>
        <legend class="unseen">Data</legend>
        <div class="tiles">
          {ids.map((id) => (
            <label class="tile" key={id}>
              <input type="radio" name="data" checked={data === id} onChange={() => playground.update({ data: id })} />
              <Thumbnail data={samples[id]} />
              {dataTable[id].label}
            </label>
          ))}
        </div>
      </fieldset>
      <OwnData playground={playground} />
      {data !== "own" && (
        <>
          <Range label="Noise" value={noise} least={0} most={0.5} step={0.05} show={(value) => value.toFixed(2)} change={(value) => playground.update({ noise: value })} />
          <Range label="Points" value={count} least={50} most={2000} step={50} change={(value) => playground.update({ count: value })} />
        </>
      )}
      <Range label="For training" value={share} least={0.1} most={0.9} step={0.05} show={(value) => `${Math.round(100 * value)} %`} change={(value) => playground.update({ share: value })} />
      <fieldset>
        <legend class="group">Features</legend>
        <div class="tiles seven">
          {(Object.keys(featureTable) as FeatureId[]).map((id) => {
            const checked = features.includes(id);
            return (
              <label class="tile" key={id}>
                <input
                  type="checkbox" checked={checked} disabled={checked && features.length === 1}
                  onChange={() => playground.update({ features: (Object.keys(featureTable) as FeatureId[]).filter((other) => (other === id ? !checked : features.includes(other))) })}
                />
                <FeaturePicture id={id} />
                {featureTable[id].label}
              </label>
            );
          })}
        </div>
      </fieldset>
    </>
  );
}
