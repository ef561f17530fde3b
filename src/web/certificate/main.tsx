import { startPage } from '../shared/start_page';
import { CertificatePage } from './certificate_page';

void startPage(
    { en: () => import('locale:certificate/en'), ja: () => import('locale:certificate/ja') },
    CertificatePage,
);
