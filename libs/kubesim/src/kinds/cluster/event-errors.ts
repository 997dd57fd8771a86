import { invalid, required } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { textAt } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { labelKeyProblems } from '../names.ts';
import { formErrors, textIn } from '../validation/go-fields.ts';

/** Fields of events of the newer style, with how long each may be. */
const limits: Readonly<Record<string, number>> = { reportingInstance: 128, action: 128, reason: 128 };
const longestMessage = 1_024;

/** What is wrong with an event: it is where its object is, and of the newer style says who reports it. */
export function eventErrors(event: KubeObject): FieldError[] {
  const isNew = textIn(event, 'eventTime') !== '';
  return isNew ? [...newerPlaceErrors(event), ...newerErrors(event)] : placeErrors(event);
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

function newerErrors(event: KubeObject): FieldError[] {
  const reporter = textIn(event, 'reportingComponent');
  const message = textIn(event, 'message');
  return [
    ...(reporter === '' ? [required('reportingComponent')] : []),
    ...formErrors(reporter, 'reportingComponent', labelKeyProblems),
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
