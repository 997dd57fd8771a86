import type { ApplicationStatus } from '@meridian/fleet';
import { statusCuts } from '@meridian/link';
import { FaultError, errorText } from '@meridian/runtime';
import type { Logger } from '@meridian/telemetry';
import type { StatusStore } from './status-writer.ts';

/**
 * The store, for statuses of any size: of one that the store refuses for good, as much as it takes is stored. One that it
 * never takes is logged and left out, because ending the stream for it would end the reports of all other applications.
 */
export function fittingStore(store: StatusStore, log: Logger): StatusStore {
  return {
    clear: (key) => store.clear(key),
    async put(key, value, signal) {
      if (!isStatus(value)) return store.put(key, value, signal);
      let refusal: unknown;
      for (const cut of statusCuts(value)) {
        try {
          return await store.put(key, cut, signal);
        } catch (error) {
          if (!isRefusal(error)) throw error;
          refusal = error;
        }
      }
      log.error({ ...key, error: errorText(refusal) }, 'a status cannot be stored in any size');
    },
  };
}

function isRefusal(error: unknown): boolean {
  return error instanceof FaultError && error.code === 'invalid' && error.retry === 'never';
}

function isStatus(value: unknown): value is ApplicationStatus {
  return typeof value === 'object' && value !== null && 'objects' in value && 'drift' in value;
}
