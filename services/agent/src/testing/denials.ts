import { FaultError, errorText } from '@meridian/runtime';
import type { KubePort } from '../ports.ts';

/** Keeps what the cluster does not let the agent do. */
export interface Denials {
  readonly texts: readonly string[];
  readonly wrap: (kube: KubePort) => KubePort;
}

/** Notes each call that ends with `denied`, and passes it on. */
export function noteDenials(): Denials {
  const texts: string[] = [];
  const note = (error: unknown) => {
    if (error instanceof FaultError && error.code === 'denied') texts.push(errorText(error));
  };
  const wrap = (kube: KubePort): KubePort =>
    new Proxy(kube, {
      get(target, name: keyof KubePort) {
        if (name === 'as') return (user: string) => wrap(target.as(user));
        if (name === 'watch') return watchNoting(target, note);
        const call = Reflect.get(target, name) as (...given: unknown[]) => unknown;
        return (...given: unknown[]) => {
          const answer: unknown = call(...given);
          if (!(answer instanceof Promise)) return answer;
          return answer.catch((error: unknown) => {
            note(error);
            throw error;
          });
        };
      },
    });
  return { texts, wrap };
}

function watchNoting(kube: KubePort, note: (error: unknown) => void): KubePort['watch'] {
  return (kind, labelSelector, { signal, contact }) =>
    kube.watch(kind, labelSelector, {
      signal,
      contact: {
        heard: () => contact.heard(),
        failed: (fault) => {
          note(fault);
          contact.failed(fault);
        },
      },
    });
}
