import { Refusal } from '../refusal.ts';
import { baseName } from '../tree.ts';
import { addValue, type ValueTarget } from '../transforms/value-add.ts';
import { plainOf } from '../values/plain.ts';
import { readConfiguration } from '../values/read.ts';
import { pluginShapes } from './plugin-shapes.ts';
import type { Shaped } from './shape.ts';
import type { Resources, Step } from './step.ts';

interface ValueAddConfig extends Shaped<typeof pluginShapes.ValueAddTransformer> {
  /** The directory of the kustomization; its name is the value when none is given. */
  readonly root: string;
}

/** Puts a value into its targets, those in a file after those written out (ValueAddTransformer.Config). */
export function applyValueAdd(resources: Resources, config: ValueAddConfig, step: Step): Resources {
  const { targetFilePath = '', root } = config;
  const written = config.value?.trim() ?? '';
  const targets = [
    ...(config.targets ?? []),
    ...(targetFilePath === '' ? [] : targetsIn(targetFilePath, step)),
  ];
  return addValue(resources, { value: written === '' ? baseName(root) : written, targets }, step);
}

function targetsIn(path: string, step: Step): readonly ValueTarget[] {
  const read = readConfiguration(step.readText(path), path);
  if ('errors' in read) throw new Refusal(read.errors);
  const [document] = read.documents;
  if (document === undefined) return [];
  const reading = { file: path, lineOf: document.lineOf, lenient: true, unsupported: {}, errors: [] };
  const config = pluginShapes.ValueAddTransformer.read(plainOf(document.value), [], reading);
  if (reading.errors.length > 0) throw new Refusal(reading.errors);
  return config?.targets ?? [];
}
