import type { Environment } from '@marcbachmann/cel-js';
import { celEnvironment, parseExpression } from '@meridian/cel';
import { invalid, required, tooLong } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { objectAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import { textIn } from '../validation/go-fields.ts';

const longest = 10 * 1024;
const deviceType = 'kubernetes.DRADevice';

/** What cel-go says of an expression without anything in it. */
const nothingSaid =
  "compilation failed: ERROR: <input>:1:0: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

/** Selectors may give names to values, unlike other expressions of Kubernetes. */
const bindings: ReadonlySet<string> = new Set(['cel', 'bind']);

let known: Environment | undefined;

/** What selectors of devices see: the device, whose attributes may be of any type. */
function environment(): Environment {
  if (known !== undefined) return known;
  const made = celEnvironment();
  made.registerType(deviceType, {
    fields: {
      driver: 'string',
      allowMultipleAllocations: 'bool',
      attributes: 'map<string, map<string, dyn>>',
      capacity: 'map<string, map<string, kubernetes.Quantity>>',
    },
  });
  known = made.registerVariable('device', deviceType);
  return known;
}

/** What is wrong with a selector of devices, found at a path. */
export function deviceSelectorErrors([selector, path]: readonly [JsonObject, string]): FieldError[] {
  const cel = objectAt(selector, 'cel');
  if (cel === undefined) return [required(`${path}.cel`)];
  return expressionErrors(textIn(cel, 'expression'), `${path}.cel.expression`);
}

function expressionErrors(expression: string, path: string): FieldError[] {
  if (Buffer.byteLength(expression) > longest) return [tooLong(path, longest)];
  if (expression === '') return [invalid(path, expression, nothingSaid)];
  const parsed = parseExpression(environment(), expression, bindings);
  if (!parsed.ok) return [invalid(path, expression, `compilation failed: ${parsed.message}`)];
  if (['bool', 'dyn'].includes(parsed.type)) return [];
  const type = parsed.type.replaceAll('<', '(').replaceAll('>', ')');
  return [invalid(path, expression, `must evaluate to bool or the unknown type, not ${type}`)];
}
