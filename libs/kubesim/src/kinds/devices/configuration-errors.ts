import { subdomainProblems } from '@meridian/cel';
import { invalid, required, tooLong } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { isObject, objectAt } from '../../json.ts';
import type { Json, JsonObject } from '../../json.ts';
import { textIn } from '../validation/go-fields.ts';

const longestDriver = 63;
const longestParameters = 10 * 1024;

/** What is wrong with the name of a driver of devices. */
export function driverNameErrors(name: string, path: string): FieldError[] {
  if (name === '') return [required(path)];
  return [
    ...(Buffer.byteLength(name) > longestDriver ? [tooLong(path, longestDriver)] : []),
    ...subdomainProblems(name.toLowerCase()).map((problem) => invalid(path, name, problem)),
  ];
}

/** What is wrong with what a class or a claim tells a driver. */
export function configurationErrors([configuration, path]: readonly [JsonObject, string]): FieldError[] {
  const opaque = objectAt(configuration, 'opaque');
  if (opaque === undefined) return [required(`${path}.opaque`)];
  return [
    ...driverNameErrors(textIn(opaque, 'driver'), `${path}.opaque.driver`),
    ...parameterErrors(opaque['parameters'], `${path}.opaque.parameters`),
  ];
}

function parameterErrors(parameters: Json | undefined, path: string): FieldError[] {
  if (parameters === undefined || parameters === null) return [required(path)];
  if (Buffer.byteLength(JSON.stringify(parameters)) > longestParameters) {
    return [tooLong(path, longestParameters)];
  }
  return isObject(parameters) ? [] : [invalid(path, '<value omitted>', 'must be a valid JSON object')];
}
