import { startPage } from '../shared/start_page';
import { SignInPage } from './sign_in_page';

void startPage({ en: () => import('locale:access/en'), ja: () => import('locale:access/ja') }, SignInPage);
