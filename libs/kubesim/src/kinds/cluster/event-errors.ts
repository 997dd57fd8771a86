import { labelKeyProblems } from '@meridian/cel';
import { invalid, required } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { textAt } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import type { RuleContext } from '../kind-rules.ts';
import { formErrors, textIn } from '../validation/go-fields.ts';
import { strictEventChange, strictEventErrors } from './strict-event-errors.ts';

const core = 'v1';

/** Fields of events of the newer style, with how long each may be. */
const limits: Readonly<Record<string, number>> = { reportingInstance: 128, action: 128, reason: 128 };
const longestMessage = 1_024;

/** What is wrong with a new event. The group of its own asks for more than the core group does. */
export function eventErrors(
  event: KubeObject,
  { apiVersion }: Pick<RuleContext, 'apiVersion'>,
): FieldError[] {
  const found = commonErrors(event, apiVersion);
  return apiVersion === core ? found : [...found, ...strictEventErrors(event)];
}

/** What is wrong with a changed event. In the group of its own hardly anything may change. */
export function eventChange(
  event: KubeObject,
  old: KubeObject,
  { apiVersion }: Pick<RuleContext, 'apiVersion'>,
): FieldError[] {
  const found = commonErrors(event, apiVersion);
  return apiVersion === core ? found : [...found, ...strictEventChange(event, old)];
}

/** An event is where its object is, and of the newer style says who reports it. */
function commonErrors(event: KubeObject, apiVersion: string): FieldError[] {
  const isNew = textIn(event, 'eventTime') !== '';
  if (!isNew) return placeErrors(event);
  const reporter = apiVersion === core ? 'reportingComponent' : 'reportingController';
  return [...newerPlaceErrors(event), ...newerErrors(event, reporter)];
}

const elsewhere = 'does not match event.namespace';

function placeErrors(event: KubeObject): FieldError[] {
  const { namespace = '' } = event.metadata;
  const of = textAt(event, 'involvedObject', 'namespace') ?? '';
  const fits = of === '' ? namespace === 'default' : of === namespace;
  return fits ? [] : [invalid('involvedObject.namespace', of, elsewhere)];
}

function newerPlaceErrors(event: KubeObject): FieldError[] {
  const of = textAt(event, 'involvedObject', 'namespace') ?? '';
  const fits = of !== '' || ['default', 'kube-system'].includes(event.metadata.namespace ?? '');
  return fits ? [] : [invalid('involvedObject.namespace', of, elsewhere)];
}

function newerErrors(event: KubeObject, path: string): FieldError[] {
  const reporter = textIn(event, 'reportingComponent');
  const message = textIn(event, 'message');
  return [
    ...(reporter === '' ? [required(path)] : []),
    ...formErrors(reporter, path, labelKeyProblems),
    ...Object.entries(limits).flatMap(([field, most]) => {
      const text = textIn(event, field);
      return [...(text === '' ? [required(field)] : []), ...lengthErrors(text, field, most)];
    }),
    ...lengthErrors(message, 'message', longestMessage),
  ];
}

function lengthErrors(text: string, field: string, most: number): FieldError[] {
  if (Buffer.byteLength(text) <= most) return [];
  return [invalid(field, '', `can have at most ${String(most)} characters`)];
}
