import { nearest } from '@meridian/manifests';
import type { Problem } from './fleet-api.ts';
import { placeText } from './located-document.ts';

/** What is wrong with an application, and how to mend it. */
interface Said {
  readonly message: string;
  readonly fix: string;
}

/** What an application is held to, or judged by, is not known while some of it cannot be read. */
export function uncertainty(application: string, broken: Problem | undefined): Said | undefined {
  if (!broken) return undefined;
  const message = `what ${application} is held to is not certain while ${placeText(broken)} is broken`;
  return { message, fix: `mend ${placeText(broken)}` };
}

/** Strategies that applications may use, and the places of those that cannot be used, by name. */
interface Strategies {
  readonly usable: ReadonlySet<string>;
  readonly broken: ReadonlyMap<string, string>;
}

/** Why an application cannot use a strategy. */
export function strategyProblem(strategy: string, { usable, broken }: Strategies): Said {
  const place = broken.get(strategy);
  if (place !== undefined)
    return { message: `the rollout strategy ${strategy} cannot be used`, fix: `mend ${place}` };
  const meant = nearest(strategy, [...usable]);
  return {
    message: `there is no rollout strategy ${strategy}`,
    fix:
      meant === undefined
        ? `declare it, or use one of ${[...usable].join(', ') || 'none yet'}`
        : `did you mean ${meant}?`,
  };
}
