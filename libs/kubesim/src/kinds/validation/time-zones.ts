/** Whether a time zone is known by a name. Go finds zones as files, whose names are told apart by case; Intl is not so strict. */
export function isKnownZone(zone: string): boolean {
  if (zone === 'Local' || zone === 'UTC' || zone === '') return true;
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions();
    return timeZone.toLowerCase() !== zone.toLowerCase() || timeZone === zone;
  } catch {
    return false;
  }
}
