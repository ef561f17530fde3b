import { startPage } from '../shared/start_page';
import { OrganizerPage } from './organizer_page';

void startPage(
    { en: () => import('locale:organizer/en'), ja: () => import('locale:organizer/ja') },
    OrganizerPage,
);
