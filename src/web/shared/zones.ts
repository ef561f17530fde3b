/*
 * Time zones by the names of today. Browsers keep the names that a zone had when it first came into their tables (Asia/Saigon);
 * both mean the same clock, but people look for the city as it is called now. Sources: the file "backward" of the IANA tz data.
 */
const renamed: Record<string, string> = {
    'Africa/Asmera': 'Africa/Asmara',
    'America/Buenos_Aires': 'America/Argentina/Buenos_Aires',
    'America/Catamarca': 'America/Argentina/Catamarca',
    'America/Coral_Harbour': 'America/Atikokan',
    'America/Cordoba': 'America/Argentina/Cordoba',
    'America/Godthab': 'America/Nuuk',
    'America/Indianapolis': 'America/Indiana/Indianapolis',
    'America/Jujuy': 'America/Argentina/Jujuy',
    'America/Louisville': 'America/Kentucky/Louisville',
    'America/Mendoza': 'America/Argentina/Mendoza',
    'Asia/Ashkhabad': 'Asia/Ashgabat',
    'Asia/Calcutta': 'Asia/Kolkata',
    'Asia/Choibalsan': 'Asia/Ulaanbaatar',
    'Asia/Chongqing': 'Asia/Shanghai',
    'Asia/Dacca': 'Asia/Dhaka',
    'Asia/Katmandu': 'Asia/Kathmandu',
    'Asia/Macao': 'Asia/Macau',
    'Asia/Rangoon': 'Asia/Yangon',
    'Asia/Saigon': 'Asia/Ho_Chi_Minh',
    'Asia/Thimbu': 'Asia/Thimphu',
    'Asia/Ujung_Pandang': 'Asia/Makassar',
    'Asia/Ulan_Bator': 'Asia/Ulaanbaatar',
    'Atlantic/Faeroe': 'Atlantic/Faroe',
    'Etc/UTC': 'UTC',
    'Europe/Kiev': 'Europe/Kyiv',
    'Pacific/Enderbury': 'Pacific/Kanton',
    'Pacific/Ponape': 'Pacific/Pohnpei',
    'Pacific/Truk': 'Pacific/Chuuk',
};

/** The name of today, unless this browser is too old to know it. */
export function zoneOfToday(zone: string): string {
    const name = renamed[zone];
    return name !== undefined && isKnown(name) ? name : zone;
}

function isKnown(zone: string): boolean {
    try {
        new Intl.DateTimeFormat('en', { timeZone: zone });
        return true;
    } catch {
        return false;
    }
}

export function readerZone(): string {
    return zoneOfToday(Intl.DateTimeFormat().resolvedOptions().timeZone);
}

/** "Ho Chi Minh" of "Asia/Ho_Chi_Minh". */
export function zoneCity(zone: string): string {
    const name = zoneOfToday(zone);
    return (name.split('/').pop() ?? name).replace(/_/g, ' ');
}

/** All that this browser knows, each once; browsers leave out the one without a place. */
export function allZones(): string[] {
    const intl = Intl as { supportedValuesOf?: (key: string) => string[] };
    const zones = intl.supportedValuesOf?.('timeZone') ?? [];
    return [...new Set(['UTC', ...zones.map(zoneOfToday)])].sort();
}
