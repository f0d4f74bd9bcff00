//! The texts of the wizard in its languages.

/// The language of a wizard session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Language {
    De,
    #[default]
    En,
    Es,
    Fr,
    It,
}

impl Language {
    pub(crate) const NAMES: &[&str] = &["de", "en", "es", "fr", "it"];

    pub(crate) fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "de" => Self::De,
            "en" => Self::En,
            "es" => Self::Es,
            "fr" => Self::Fr,
            "it" => Self::It,
            _ => return None,
        })
    }
}

macro_rules! words {
    ($($word:ident $de:literal $en:literal $es:literal $fr:literal $it:literal;)+) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Word { $($word,)+ }

        impl Word {
            pub(crate) fn in_language(self, language: Language) -> &'static str {
                let all = match self { $(Self::$word => [$de, $en, $es, $fr, $it],)+ };
                all[language as usize]
            }
        }
    };
}

words! {
    Country "Land" "Country" "País" "Pays" "Paese";
    Germany "Deutschland" "Germany" "Alemania" "Allemagne" "Germania";
    Austria "Österreich" "Austria" "Austria" "Autriche" "Austria";
    Switzerland "Schweiz" "Switzerland" "Suiza" "Suisse" "Svizzera";
    BankCode "Bankleitzahl" "Bank code" "Código bancario" "Code banque" "Codice bancario";
    WayIn "Anmeldung" "Way to log in" "Acceso" "Connexion" "Accesso";
    UserName "Benutzername" "User name" "Usuario" "Identifiant" "Nome utente";
    Pin "PIN" "PIN" "PIN" "Code PIN" "PIN";
    Privacy "Ich stimme der Datenschutzerklärung zu" "I agree to the privacy policy"
        "Acepto la política de privacidad" "J'accepte la politique de confidentialité"
        "Accetto l'informativa sulla privacy";
    Tan "TAN" "TAN" "TAN" "TAN" "TAN";
    EnterTan "Bitte geben Sie die TAN ein." "Please enter the TAN."
        "Introduzca el TAN." "Veuillez saisir le TAN." "Inserisca il TAN.";
    Captcha "Zeichen im Bild" "Characters in the picture" "Caracteres de la imagen"
        "Caractères de l'image" "Caratteri nell'immagine";
    WhichAccounts "Welche Konten?" "Which accounts?" "¿Qué cuentas?" "Quels comptes ?" "Quali conti?";
    ApproveInApp "Bitte geben Sie die Anmeldung in der App Ihrer Bank frei."
        "Please approve the login in the app of your bank."
        "Autorice el acceso en la aplicación de su banco."
        "Veuillez approuver la connexion dans l'application de votre banque."
        "Approvi l'accesso nell'app della sua banca.";
    ContinueAtBank "Weiter bei Ihrer Bank" "Continue at your bank" "Continuar en su banco"
        "Continuer chez votre banque" "Continuare presso la sua banca";
    Back "Zurück" "Back" "Volver" "Retour" "Indietro";
    Continue "Weiter" "Continue" "Continuar" "Continuer" "Continua";
    SecondsLeft "Sekunden" "seconds left" "segundos" "secondes" "secondi";
    Notice "Hinweis" "Notice" "Aviso" "Remarque" "Avviso";
    GoesToBank "Ihre Eingaben gehen nur an Ihre Bank."
        "Your entries go to your bank alone." "Sus datos solo van a su banco."
        "Vos saisies ne vont qu'à votre banque." "I dati vanno solo alla sua banca.";
    Finished "Ihre Bank ist verbunden." "Your bank is connected." "Su banco está conectado."
        "Votre banque est connectée." "La sua banca è collegata.";
    Required "Dieses Feld ist erforderlich." "This field is required."
        "Este campo es obligatorio." "Ce champ est obligatoire." "Questo campo è obbligatorio.";
    Rejected "Die Bank hat die Eingabe abgelehnt." "The bank has rejected this."
        "El banco lo ha rechazado." "La banque l'a refusé." "La banca l'ha rifiutato.";
}
