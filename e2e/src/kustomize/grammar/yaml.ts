import type { Dice } from '../../kube/dice.ts';

/** YAML to be written: a text is a scalar as it stands in the file, quotes, tags and block marks with it. */
export type Yaml = string | readonly Yaml[] | YamlMap;

/** A mapping to be written, in the order of its keys. */
export interface YamlMap {
  readonly [key: string]: Yaml;
}

/** Writes a document in one of the layouts that people use: block or flow, lists indented or not, comments here and there. */
export function yamlText(value: Yaml, dice: Dice): string {
  if (dice.chance(0.06) && isFlat(value)) return `${flow(value)}\n`;
  const layout: Layout = { dice, step: dice.chance(0.8) ? 0 : 2 };
  return `${block(value, 0, layout).trimStart()}\n`;
}

/** A text that holds line breaks as a scalar, in quotes or as a literal block. */
export function textScalar(text: string, dice: Dice): string {
  const plain = /^[\x20-\x7e\n]*$/.test(text) && !text.startsWith(' ') && !text.startsWith('\n');
  if (!plain || !text.trim().includes('\n') || dice.chance(0.3)) return JSON.stringify(text);
  return `${text.endsWith('\n') ? '|' : '|-'}\n${text.replace(/\n+$/, '')}`;
}

interface Layout {
  readonly dice: Dice;
  /** How far a list stands right of its key. */
  readonly step: number;
}

function block(value: Yaml, indent: number, layout: Layout): string {
  if (typeof value === 'string') return ` ${value.replaceAll('\n', `\n${' '.repeat(indent)}`)}`;
  if (isList(value)) return list(value, indent, layout);
  return mapping(value, indent, layout);
}

function list(items: readonly Yaml[], indent: number, layout: Layout): string {
  if (items.length === 0) return ' []';
  const margin = `\n${' '.repeat(indent)}`;
  return items
    .map((item) => {
      if (layout.dice.chance(0.05) && isFlat(item)) return `${margin}- ${flow(item)}`;
      return `${margin}- ${block(item, indent + 2, layout).trimStart()}`;
    })
    .join('');
}

function mapping(map: YamlMap, indent: number, layout: Layout): string {
  const entries = Object.entries(map);
  if (entries.length === 0) return ' {}';
  const margin = `\n${' '.repeat(indent)}`;
  return entries
    .map(([key, value]) => {
      const comment = layout.dice.chance(0.02) ? `${margin}# ${key} is said below` : '';
      if (layout.dice.chance(0.05) && isFlat(value)) return `${comment}${margin}${key}: ${flow(value)}`;
      const inner = isList(value) ? indent + layout.step : indent + 2;
      return `${comment}${margin}${key}:${block(value, inner, layout)}`;
    })
    .join('');
}

function flow(value: Yaml): string {
  if (typeof value === 'string') return /^["']/.test(value) || value === '' ? value : flowScalar(value);
  if (isList(value)) return `[${value.map(flow).join(', ')}]`;
  return `{ ${Object.entries(value)
    .map(([key, item]) => `${key}: ${flow(item)}`)
    .join(', ')} }`;
}

function flowScalar(text: string): string {
  return /[[\]{},]/.test(text) ? JSON.stringify(text) : text;
}

function isFlat(value: Yaml): boolean {
  if (typeof value === 'string') return !value.includes('\n') && !value.includes('#');
  return (isList(value) ? value : Object.values(value)).every(isFlat);
}

function isList(value: Yaml): value is readonly Yaml[] {
  return Array.isArray(value);
}
