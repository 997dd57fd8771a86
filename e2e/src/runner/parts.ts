import { ensureParts } from '@meridian/testkit';

/** Servers and programs that tests and a local fleet start, as far as they are installed by name. */
export const neededParts = [
  'nats-server',
  'redis-server',
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kwok',
  'kubectl',
  'helm',
] as const;

/** Programs that only tests and fuzzing start; `npm start` never waits for them. */
export const comparedParts = ['kustomize-5.5', 'kustomize-5.8', 'prometheus'] as const;

/** Finds or installs all of them, with progress on stdout. Gives what could not be had as text, undefined when all is there. */
export async function installParts(signal: AbortSignal): Promise<string | undefined> {
  try {
    await ensureParts([...neededParts, ...comparedParts], {
      onProgress: (line) => process.stdout.write(`${line}\n`),
      signal,
    });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
