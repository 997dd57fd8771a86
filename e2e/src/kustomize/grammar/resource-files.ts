import type { Dice } from '../../kube/dice.ts';
import { textScalar, yamlText, type YamlMap } from './yaml.ts';

/** Texts of files that hold these objects: a file for each, all in one, or lists; with what YAML allows around them. */
export function resourceFiles(dice: Dice, objects: readonly YamlMap[]): readonly string[] {
  const texts = objects.map((object) => decorated(dice, yamlText(object, dice)));
  if (dice.chance(0.1)) return [yamlText({ apiVersion: 'v1', kind: 'List', items: objects }, dice)];
  if (dice.chance(0.25))
    return [texts.join(dice.pick(['---\n', '---\n', '--- # next\n', '---\n---\n', '...\n---\n']))];
  return texts;
}

/** A document with what people and editors put around it. */
function decorated(dice: Dice, text: string): string {
  if (dice.chance(0.8)) return text;
  return dice.pick<() => string>([
    () => `---\n${text}`,
    () => `# a note\n\n${text}\n# the end\n`,
    () => `${text}---\n`,
    () => text.replaceAll('\n', '\r\n'),
    () => text.trimEnd(),
    () => `\n\n${text}\n\n`,
    () => `%YAML 1.1\n---\n${text}`,
    () => `\ufeff${text}`,
    () => withAnchor(dice, text),
    () => withAnchor(dice, text),
    () => `${text}more: ${textScalar('one\n\n two \nthree\n', dice).replaceAll('\n', '\n  ')}\n`,
    () => `${JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'json' } })}\n`,
  ])();
}

/** Two more fields, the second an alias of the first, or a mapping that takes in another one. */
function withAnchor(dice: Dice, text: string): string {
  return dice.pick([
    `${text}one: &one { a: 1, b: [x] }\ntwo: *one\n`,
    `${text}one: &one\n  a: 1\ntwo:\n  <<: *one\n  c: 2\n`,
    `${text}one: &t 0x10\ntwo: [*t, *t]\n`,
    `${text}one: &l\n- a\n- b\ntwo:\n  deep: *l\n`,
  ]);
}
