import type { KubePort } from '../ports.ts';

/** Lets so many writes through; from then on the process is as good as dead: the last one reaches the server or not, none answers. */
export function dyingAfter(
  calls: number,
  lastArrives: boolean,
): { wrap: (real: KubePort) => KubePort; died: () => boolean } {
  let left = calls;
  const never = () => new Promise<never>(() => undefined);
  const die = async <T>(call: () => Promise<T>): Promise<T> => {
    left -= 1;
    if (left >= 0) return call();
    if (left === -1 && lastArrives) await call();
    return never();
  };
  return {
    died: () => left < 0,
    wrap: (real) => ({
      ...real,
      apply: (object, options) => die(() => real.apply(object, options)),
      rewrite: (live, object, options) => die(() => real.rewrite(live, object, options)),
      put: (object, within) => die(() => real.put(object, within)),
      remove: (ref, uid, within) => die(() => real.remove(ref, uid, within)),
    }),
  };
}
