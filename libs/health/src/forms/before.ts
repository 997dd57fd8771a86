import { at, generationOf } from '../read.ts';
import type { Rule } from '../rule.ts';
import { healthy, progressing, suspended } from '../verdict.ts';

/** Suspended while the field at `path` is true, else what `rule` says. */
export function suspendedBy(path: string, rule: Rule): Rule {
  const steps = path.split('.');
  return (object, nowMs) =>
    at(object, ...steps) === true ? suspended(`${path} is true`) : rule(object, nowMs);
}

/** Progressing until its controller has told that it saw the present generation, then what `rule` says. */
export function onceObserved(rule: Rule): Rule {
  return (object, nowMs) => {
    const generation = generationOf(object);
    const observed = at(object, 'status', 'observedGeneration');
    return generation !== undefined && observed === generation
      ? rule(object, nowMs)
      : progressing('its controller has not seen the latest change yet');
  };
}

/** Kinds without a status: there is nothing to wait for. */
export const present: Rule = () => healthy('the object exists');

/** Progressing while its controller tells of another generation than the present one; one that tells none is believed. */
export function unlessStale(rule: Rule): Rule {
  return (object, nowMs) => {
    const generation = generationOf(object);
    const observed = at(object, 'status', 'observedGeneration');
    const isStale = generation !== undefined && observed !== undefined && observed !== generation;
    return isStale ? progressing('its controller has not seen the latest change yet') : rule(object, nowMs);
  };
}
